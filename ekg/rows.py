"""One line of a list of recordings: its SQL, and the Danish words made once, so that the template only prints."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from fhir.bundle import Handling
from terminology.facilities import Source, facility_words, source_of

# Times as text: the loader that Django gives psycopg for them costs 25 times what `fromisoformat` does.
_FACILITY = "coalesce(nullif(r.facility_type, ''), o.type, '')"
_COLUMNS = f"""
    r.id, r.started::text, r.ended::text, r.received_at::text, {_FACILITY},
    coalesce(nullif(r.organisation_name, ''), o.name, ''), r.organisation_sor, r.note, r.handling, r.status,
    r.replaced_at::text, r.replaced_by_id, r.printed_cpr_differs"""
WIDTH = 13
"""How many columns a row takes; what a statement adds comes after them."""
STATUS = 9
"""Which of them is the status."""
_TABLES = "ekg_recording r LEFT JOIN organisations_organisation o ON o.sor = r.organisation_sor"
_OPEN = "NOT (r.hidden_from_custody AND %(custody)s)"
"""What has been hidden from holders of custody does not exist for them."""
_STANDS = f"r.patient_id = %(patient)s AND r.status <> 'withdrawn' AND {_OPEN}"
"""Of one recording: it is not withdrawn."""
_ORDER = "ORDER BY coalesce(r.started, r.received_at) DESC, r.id DESC"

# Raw on purpose: a list of 500 recordings costs a third of what model instances cost (PERFORMANCE, §2).
# Only our own constants are put together here; every value is a parameter.
# When it could first be seen is when its document was put in place: a large one has waited since it was received.
FOLDER = f"""
    SELECT {_COLUMNS}, r.change, coalesce(d.stored_at, r.received_at)::text, r.preview = 'ready'
    FROM {_TABLES} LEFT JOIN fhir_delivery d ON d.id = r.delivery_id
    WHERE r.patient_id = %(patient)s AND {_OPEN} {_ORDER}"""  # noqa: S608
# For who shows no list: of the current ones, in its order, one, its neighbours and both ends. Text of all 500 costs
# five times as much.
NEAR = f"""
    WITH listed AS (
        SELECT r.id, row_number() OVER ({_ORDER}) AS place, count(*) OVER () AS total
        FROM {_TABLES}
        WHERE r.patient_id = %(patient)s AND r.status = 'current' AND {_OPEN} AND r.id <> ALL(%(unseen)s)
            AND ({_FACILITY} = ANY(%(codes)s)) = %(among)s)
    SELECT {_COLUMNS}, near.place, near.total, coalesce(d.stored_at, r.received_at)::text, r.preview = 'ready'
    FROM listed here
    JOIN listed near ON near.place IN (1, here.place - 1, here.place, here.place + 1, here.total)
    JOIN ekg_recording r ON r.id = near.id
    LEFT JOIN organisations_organisation o ON o.sor = r.organisation_sor
    LEFT JOIN fhir_delivery d ON d.id = r.delivery_id
    WHERE here.id = %(id)s ORDER BY near.place"""  # noqa: S608
ONE = f"""
    SELECT {_COLUMNS}, r.author_name, r.author_role, r.findings::text, r.preview, r.narrative, r.patient_name,
        r.pdf_sha256 <> '',
        r.speed::text, r.gain::text,
        (SELECT json_agg(json_build_array(number, width, height, width_mm, height_mm, dpi,
            (SELECT width FROM ekg_pageimage c
             WHERE c.recording_id = r.id AND c.number = i.number AND c.dpi = 75 AND c.format = 'png')
            ) ORDER BY number)::text
         FROM ekg_pageimage i WHERE recording_id = r.id AND (dpi = 150 AND format = 'png' OR dpi = 0)),
        r.replaced_by_id IS NOT NULL OR EXISTS
            (SELECT FROM ekg_recording older WHERE older.patient_id = r.patient_id AND older.replaced_by_id = r.id)
    FROM {_TABLES} WHERE r.id = ANY(%(ids)s) AND {_STANDS}"""  # noqa: S608
PREVIEW = f"SELECT r.preview FROM ekg_recording r WHERE r.id = %(id)s AND {_STANDS}"  # noqa: S608
ORIGINAL = f"""
    SELECT r.pdf_sha256, r.started::text, r.printed_cpr_differs FROM ekg_recording r
    WHERE r.id = %(id)s AND {_STANDS}"""  # noqa: S608
PICTURES = f"""
    SELECT i.dpi, i.format, i.sha256, i.next_try IS NOT NULL, i.width_mm, i.height_mm, r.printed_cpr_differs
    FROM ekg_recording r JOIN ekg_pageimage i ON i.recording_id = r.id
    WHERE r.id = %(id)s AND {_STANDS} AND i.number = %(number)s AND i.dpi = ANY(%(dpis)s)
    ORDER BY i.dpi, i.format DESC"""  # noqa: S608
VERSION = "SELECT coalesce(max(r.change), 0) FROM ekg_recording r WHERE r.patient_id = %(patient)s"
LINKED = f"""
    SELECT {_COLUMNS} FROM {_TABLES}
    WHERE r.patient_id = %(patient)s AND {_OPEN} AND (r.replaced_by_id IS NOT NULL OR r.id IN
        (SELECT replaced_by_id FROM ekg_recording WHERE patient_id = %(patient)s)) {_ORDER}"""  # noqa: S608
HANDLINGS = {each.value: each for each in Handling}


class Row(NamedTuple):
    """One recording in a list, ready to print: times are aware datetimes, all words are Danish.

    A named tuple, since a frozen dataclass of so many fields takes five times as long to make, and lists are long.
    """

    id: UUID
    started: datetime | None
    ended: datetime | None
    received: datetime
    source: Source
    source_words: str
    """Hospital | Almen praksis | the facility's own words | Ukendt sted."""
    organisation: str
    """The name in the document, otherwise the register's, "SOR <number>" or "navn ikke oplyst"."""
    note: str
    handling: Handling
    status: str
    """current | replaced (a withdrawn recording is in no list)."""
    replaced_at: datetime | None
    replaced_by: UUID | None
    printed_cpr_differs: bool = False
    """Whether the sheet bears another CPR number than the document does."""


class Words:
    """Makes rows of what the SQL gave; the words of each facility type are looked up once per answer."""

    def __init__(self) -> None:
        self._sources: dict[str, tuple[Source, str]] = {}

    def row(self, columns: Sequence[Any]) -> Row:
        (id_, started, ended, received, facility, name, sor, note, handling, status, replaced_at, replaced_by,
            printed_cpr_differs) = columns  # fmt: skip
        source, words = self._sources.get(facility) or self._sources.setdefault(facility, source_words(facility))
        organisation = name or (f"SOR {sor}" if sor else _("navn ikke oplyst"))
        return Row(
            id_, _time(started), _time(ended), datetime.fromisoformat(received), source, words, organisation, note,
            HANDLINGS[handling], status, _time(replaced_at), replaced_by, printed_cpr_differs,
        )  # fmt: skip


def _time(said: str | None) -> datetime | None:
    return datetime.fromisoformat(said) if said else None


def source_words(facility_type: str) -> tuple[Source, str]:
    """The filter group of a SNOMED CT facility type, and the words a list shows for it."""
    source = source_of(facility_type)
    if source is Source.HOSPITAL:
        return source, _("Hospital")
    if source is Source.PRACTICE:
        return source, _("Almen praksis")
    if source is Source.UNKNOWN:
        return source, _("Ukendt sted")
    words = facility_words(facility_type)
    return source, words[:1].upper() + words[1:] if words else _("Andet sted")
