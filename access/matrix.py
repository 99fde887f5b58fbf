"""Who may open what: the authorisation matrix as one table. Code and tests go by it; what is not in it is denied.

A row is an audience: what the user is to this record, which is decided when it is opened and asked again at every
request (access.entitlement). Staff are what their role says, citizens what they are to the person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from django.conf import settings

from access.doors import Door
from access.models import Audience, Role, User
from access.ticket_request import OVERVIEW


class Part(StrEnum):
    """A part of the record."""

    EKG = "ekg"
    MUNICIPAL = "kommune"
    LOG = "log"
    """Who has looked at this patient: a part for those whose column on the log says so."""


class Whose(StrEnum):
    """Whose record it may be."""

    LAUNCHED = "launched"
    LAUNCHED_FOR = "launched-for"
    """Launched, and for a responsible person or by a national role of one's own."""
    SELF = "self"
    CHILD = "child"
    """Below fifteen."""
    WARD = "ward"
    GIVER = "giver"
    """As far as the privileges of the fuldmagt go."""
    NOBODY = "nobody"


class Blocked(StrEnum):
    """What becomes of data that the citizen has blocked: blocks aim at staff."""

    HIDDEN = "hidden"
    SHOWN = "shown"


class Override(StrEnum):
    """Whether a block may be overridden."""

    NEVER = "never"
    AUTHORISED = "authorised"
    """By those whose login says that they have an authorisation of their own."""


class Log(StrEnum):
    """What of the log is shown."""

    NONE = "none"
    OWN_ACTIONS = "own-actions"
    PATIENT = "patient"
    """Who has looked at this patient."""
    ALL = "all"
    METADATA = "metadata"
    """Rows without content."""


class Names(StrEnum):
    """Whether the names of staff are shown."""

    SHOWN = "shown"
    AS_DELIVERED = "as-delivered"
    """Blurred where the source has blurred them."""
    HIDDEN = "hidden"


class Row(NamedTuple):
    """What one audience may; a part is True, False, or the name of the setting that decides."""

    whose: Whose
    ekg: bool | str
    municipal: bool | str
    blocked: Blocked
    override: Override
    log: Log
    names: Names


NO, YES, SETTING = False, True, "MUNICIPAL_SEES_EKG"


def _row(
    whose: str, ekg: bool | str, municipal: bool | str, blocked: str, override: str, log: str, names: str
) -> Row:  # fmt: skip
    return Row(Whose(whose), ekg, municipal, Blocked(blocked), Override(override), Log(log), Names(names))


# fmt: off
TABLE: Mapping[Audience, Row] = {
    #                             whose record    EKG      municipal blocked override     log            staff names
    Audience.CLINICIAN:      _row("launched",     YES,     YES, "hidden", "authorised", "own-actions", "shown"),
    Audience.ASSISTANT:      _row("launched-for", YES,     YES, "hidden", "never",      "own-actions", "shown"),
    Audience.MUNICIPAL:      _row("launched",     SETTING, YES, "hidden", "authorised", "own-actions", "shown"),
    Audience.CITIZEN:        _row("self",         YES,     YES, "shown",  "never",      "patient",     "as-delivered"),
    Audience.CUSTODY:        _row("child",        YES,     YES, "shown",  "never",      "patient",     "as-delivered"),
    Audience.GUARDIAN:       _row("ward",         YES,     YES, "shown",  "never",      "patient",     "as-delivered"),
    Audience.PROXY:          _row("giver",        YES,     YES, "shown",  "never",      "patient",     "as-delivered"),
    Audience.LOG_CONTROLLER: _row("nobody",       NO,      NO,  "hidden", "never",      "all",         "shown"),
    Audience.OPERATOR:       _row("nobody",       NO,      NO,  "hidden", "never",      "metadata",    "hidden"),
}
# fmt: on
DENIED = _row("nobody", NO, NO, "hidden", "never", "none", "hidden")
"""Whoever is not in the table."""

OWN_DOOR = (Whose.SELF, Whose.CHILD, Whose.WARD, Whose.GIVER)
HOME = {
    Door.STAFF: {Part.EKG: "ekg:folder", Part.MUNICIPAL: "eoj:care"},
    Door.CITIZEN: {Part.MUNICIPAL: "eoj:care", Part.EKG: "ekg:folder", Part.LOG: "citizen:log"},
}
"""The first page of each part, in the order in which one of them opens the record: no citizen meets a curve unasked."""


@dataclass(frozen=True)
class Rights:
    """A row of the table as it counts now, or what conditions have left of it."""

    whose: Whose
    parts: frozenset[Part]
    blocked: Blocked
    override: Override
    log: Log
    names: Names

    @property
    def door(self) -> Door:
        """The door that this audience comes in by."""
        return _door(self.whose)

    @property
    def withholds_from_custody(self) -> bool:
        """Whether what has been hidden from holders of custody is kept from this reader."""
        return self.whose is Whose.CHILD

    @property
    def home(self) -> str:
        """The page that a record opens with."""
        pages = HOME[self.door]
        return next((page for part, page in pages.items() if part in self.parts), pages[Part.MUNICIPAL])

    def landing(self, asked: str) -> str:
        """The page that a launch asked for, where this audience has it; otherwise the one it opens with."""
        if asked == OVERVIEW:
            return "overview:page"
        return HOME[self.door][Part(asked)] if asked in self.parts else self.home


def rights(audience: str) -> Rights:
    """What the table gives an audience, with the settings of this moment."""
    row = _of(audience)
    cells = {Part.EKG: row.ekg, Part.MUNICIPAL: row.municipal, Part.LOG: row.log is Log.PATIENT}
    parts = frozenset(
        part for part, cell in cells.items() if (getattr(settings, cell) if isinstance(cell, str) else cell)
    )
    return Rights(row.whose, parts, row.blocked, row.override, row.log, row.names)


def opens(audience: str, part: Part | None = None) -> bool:
    """Whether this audience may open the part (any part when none is named) of a record that is open for it."""
    parts = rights(audience).parts
    return bool(parts) if part is None else part in parts


def door(audience: str) -> Door:
    """The door that this audience comes in by."""
    return _door(_of(audience).whose)


def launches(role: str) -> bool:
    """Whether a system may open a record for this role: a citizen's own is opened by nobody else."""
    return opens(role) and door(role) is Door.STAFF


def overrides(rights: Rights, user: User) -> bool:
    """Whether this user may see what a citizen has blocked, on a ground (værdispring)."""
    return rights.override is Override.AUTHORISED and user.authorised


def reads_log(user: object) -> str:
    """What of the whole log somebody may read in the administration, a value of Log: audit asks (LOG_READERS)."""
    return rights(user.role).log.value if isinstance(user, User) and user.is_active else Log.NONE.value


def shows_names(rights: Rights) -> bool:
    """Whether the names of staff are shown; "as delivered" is as the controller has decided (STAFF_NAMES)."""
    return rights.names is Names.SHOWN or (rights.names is Names.AS_DELIVERED and settings.STAFF_NAMES)


def home(audience: str) -> str:
    """The page that a record opens with for this audience."""
    return rights(audience).home


def role(audience: str) -> str:
    """What a user must be to be this to a record: the four kinds of citizens are one role."""
    return Role.CITIZEN if door(audience) is Door.CITIZEN else audience


def _of(audience: str) -> Row:
    return TABLE.get(Audience(audience), DENIED) if audience in Audience.values else DENIED


def _door(whose: Whose) -> Door:
    return Door.CITIZEN if whose in OWN_DOOR else Door.STAFF
