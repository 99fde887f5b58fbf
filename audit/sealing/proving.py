"""The proof that a row stands in the log, for somebody who has only a verifier key (C2SP tlog-proof)."""

import uuid
from typing import NamedTuple

from django.utils.translation import gettext as _
from psycopg.rows import dict_row

from audit import merkle, proof
from audit.sealing import store
from audit.sealing.store import Connection


class NoProof(Exception):
    """The message says why."""


class Proof(NamedTuple):
    """The text of the file, which holds the whole row, and the patient of whom the row tells."""

    text: str
    patient: uuid.UUID | None


def prove(connection: Connection, event_id: uuid.UUID) -> Proof:
    """The proof of a row against the newest checkpoint."""
    with connection.cursor(row_factory=dict_row, binary=True) as cursor:
        row = cursor.execute("SELECT * FROM audit_event WHERE id = %s", (event_id,)).fetchone()
    found = connection.execute("SELECT leaf_index, leaf_hash FROM audit_leaf WHERE event_id = %s", (event_id,))
    leaf, signed = found.fetchone(), store.latest(connection)
    if row is None:
        raise NoProof(_("Hændelsen findes ikke i loggen.") if leaf is None else _("Hændelsens række er slettet."))
    if leaf is None or signed is None or signed.size <= leaf[0]:
        raise NoProof(_("Hændelsen er ikke forseglet endnu. Prøv igen om lidt."))
    index, sealed = leaf
    try:
        data = store.data_of(row)
    except ValueError:
        data = b""
    try:
        path = merkle.inclusion(index, signed.size, store.hash_at(connection))
    except LookupError:
        path = []
    if merkle.leaf_hash(data) != sealed or not merkle.verify_inclusion(sealed, index, signed.size, path, signed.root):
        raise NoProof(
            _("Hændelsen er ændret, siden den blev forseglet (blad %s). Kør: manage.py audit_verify.") % index
        )
    return Proof(proof.of_row(data, index, path, signed.note), row["patient_ref"])
