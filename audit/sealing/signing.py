"""Signs the tree, and refuses when it does not begin with what was signed or published before (I5, I9)."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit import checkpoint, merkle
from audit.merkle import HashAt
from audit.sealing import store
from audit.sealing.keys import Keys
from audit.sealing.publishing import Folder
from audit.sealing.store import Connection, Signed

INSERT = "INSERT INTO audit_checkpoint (size, root, note, signed_at, settled) VALUES (%s, %s, %s, %s, %s)"


class Refused(Exception):
    """The tree may not be signed; the message is the alarm."""


def head(note: str, vkeys: Iterable[str], size: int) -> checkpoint.Checkpoint:
    """What a note says, when one of our keys has signed it; Refused otherwise."""
    try:
        return checkpoint.verify(note, vkeys)
    except checkpoint.Untrusted as error:
        raise Refused(_("Kontrolpunkt %s er ikke underskrevet med loggens nøgle.") % size) from error


def check_start(
    connection: Connection, hash_at: HashAt, keys: Keys, folder: Folder | None, new_folder: bool = False
) -> None:
    """Before anything is sealed: what was signed last, here and outside, must be how the tree that is here begins.

    Nothing outside proves nothing, so a log that has been signed goes on without its copies only when somebody has
    said that the folder is a new one.
    """
    size = store.size(connection)
    if signed := store.latest(connection):
        told = head(signed.note, keys.vkeys, signed.size)
        if (told.size, told.root) != (signed.size, signed.root) or not _begins(told, size, hash_at):
            raise Refused(_("Træet stemmer ikke med det seneste kontrolpunkt i databasen (%s).") % signed.size)
    outside = folder.newest() if folder else None
    if folder is not None and outside is None and not new_folder and signed:
        ours = store.origin(signed.note) == keys.origin
        if ours and not just_begun(folder, keys.origin, store.count(connection, 2)):
            raise Refused(no_copies())
    if folder is None or outside is None:
        return
    told = head(folder.note(outside) or "", keys.vkeys, outside)
    if told.origin != keys.origin:
        raise Refused(_("Mappen med offentliggjorte kontrolpunkter tilhører en anden log: %s.") % told.origin)
    if signed is None or signed.size < outside:
        raise Refused(rolled_back(outside, signed.size if signed else 0))
    here = store.at(connection, outside)
    if here is None or here.root != told.root or not _begins(told, size, hash_at):
        raise Refused(_("Træet stemmer ikke med det offentliggjorte kontrolpunkt %s.") % outside)


def just_begun(folder: Folder, origin: str, signed: int) -> bool:
    """Whether a kill between the first signature and its copy explains that none lies outside: the keys do already."""
    return signed == 1 and _names(folder, origin)


def begun_anew(folder: Folder, origin: str) -> bool:
    """Whether the folder is of a log that comes after this one, and that has signed nothing yet."""
    return bool(folder.vkeys()) and not _names(folder, origin)


def _names(folder: Folder, origin: str) -> bool:
    return any(vkey.startswith(f"{origin}+") for vkey in folder.vkeys())


def no_copies() -> str:
    """The words for a folder that lacks what was published in it."""
    return _(
        "Loggen er underskrevet, men der ligger ingen kontrolpunkter i AUDIT_PUBLISH. Er mappen monteret?"
        " En ny mappe tages i brug med audit_seal --new-folder. Se docs/operations.md."
    )


def check_outside(folder: Folder, published: int) -> None:
    """Before each signature: the newest copy is the one that this process has published; else another log goes on."""
    outside = folder.newest()
    if outside is None and published:
        raise Refused(no_copies())
    if (outside or 0) != published:
        raise Refused(
            _(
                "En anden sekvensator offentliggør i den samme mappe: dens seneste kontrolpunkt er %(outside)s, og"
                " denne har offentliggjort %(here)s. Kører der to databaser? Se docs/operations.md."
            )
            % {"outside": outside, "here": published}
        )


def rolled_back(outside: int, here: int) -> str:
    """The words of the rollback guard."""
    said = ngettext(
        "Databasen er ældre end det seneste offentliggjorte kontrolpunkt: der er offentliggjort %(outside)s hændelse,"
        " og databasen kender %(here)s. Er den gendannet fra en kopi? Se docs/operations.md.",
        "Databasen er ældre end det seneste offentliggjorte kontrolpunkt: der er offentliggjort %(outside)s hændelser,"
        " og databasen kender %(here)s. Er den gendannet fra en kopi? Se docs/operations.md.",
        outside,
    )
    return said % {"outside": outside, "here": here}


def sign(
    connection: Connection, size: int, root: bytes, settled: int, hash_at: HashAt, keys: Keys, now: datetime
) -> Signed | None:
    """A checkpoint of the tree as it stands, stored; None when there is nothing new. Refused is an alarm."""
    last = store.latest(connection)
    if last and last.size == size:
        return None
    if last:
        if size < last.size:
            raise Refused(_("Træet er mindre end det seneste kontrolpunkt (%s).") % last.size)
        told = head(last.note, keys.vkeys, last.size)
        path = merkle.consistency(told.size, size, hash_at)
        if told.root != last.root or not merkle.verify_consistency(told.size, size, told.root, root, path):
            raise Refused(_("Træet fortsætter ikke det seneste kontrolpunkt (%s).") % last.size)
    text = checkpoint.body(keys.origin, size, root)
    note = checkpoint.note(text, keys.lines(text, now))
    made = Signed(size, root, note, now, settled)
    connection.execute(INSERT, (made.size, made.root, made.note, made.signed_at, made.settled))
    return made


def _begins(told: checkpoint.Checkpoint, size: int, hash_at: HashAt) -> bool:
    try:
        return told.size <= size and merkle.root_at(told.size, hash_at) == told.root
    except LookupError:
        return False
