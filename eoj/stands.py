"""What stands of a citizen, row by row: without what is hidden or closed, each code in the law area of today."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from eoj import standing
from eoj.bindings import value_sets
from eoj.item import Area
from eoj.policy import Move, Stand
from eoj.seen import CODED
from terminology.fsiii import Catalogue

SOR, TYPE, INVALID, HIDDEN, EFFECTIVE, REPORTED = map(
    standing.COLUMNS.index, ("sor", "type", "invalid", "hidden", "effective", "reported")
)
AREAS = {area.value: area for area in Area}


def stands(patient_id: UUID, catalogue: Catalogue) -> list[Stand]:
    """Everything that stands, whoever looks; one query."""
    rows, areas = standing.standing(patient_id), _areas(catalogue)
    closed = _closed(row for row in rows if row[TYPE] == "Patient")
    return [_stand(areas, *row) for row in rows if not row[HIDDEN] and row[SOR] not in closed]


@lru_cache(4)
def _areas(catalogue: Catalogue) -> Mapping[str, Area]:
    """The area of each concept that a resource can be about: the law that a heading names is the law that decides."""
    sets = value_sets(catalogue, after_transition=False)
    codes = [code for name in set(CODED.values()) for code in sets[name].values()]
    return {code.key: code.area for code in codes if code.area is not Area.NONE}


def _closed(patients: Iterable[tuple[Any, ...]]) -> set[str]:
    """Organisations whose newest word of the citizen is that they have no journal: one may be opened under a new id."""
    newest = sorted(patients, key=lambda row: (row[EFFECTIVE], row[REPORTED]))
    return {sor for sor, closed in {row[SOR]: row[INVALID] for row in newest}.items() if closed}


def _stand(
    areas: Mapping[str, Area],
    sor: str, type: str, resource_id: str, state: str, code: str, area: str, recorded: str, ended: str,
    level: int | None, refs: str, detail: str, profile: str, effective: datetime, reported: datetime, _invalid: bool,
    _hidden: bool, created: str, changed: datetime, arrived: datetime, since: datetime | None, levels: str,
    moves: str | None,
) -> Stand:  # fmt: skip
    """In the order of standing.COLUMNS; a code that no catalogue places any more keeps the area that it came with.

    Most have neither levels nor references nor details, and what is empty need not be parsed to be known as such.
    """
    return Stand(
        type=type, id=resource_id, sor=sor, state=state, code=code, area=areas.get(code) or AREAS[area],
        recorded=recorded, ended=ended, created=created, level=level,
        levels=tuple([(each["level"], each["at"]) for each in orjson.loads(levels)]) if levels != "[]" else (),
        refs=tuple(orjson.loads(refs)) if refs != "[]" else (), detail=orjson.loads(detail) if detail != "{}" else {},
        profile=profile, effective=effective, reported=reported, changed=changed, since=since, arrived=arrived,
        moves=_moves(moves) if moves else (),
    )  # fmt: skip


def _moves(said: str) -> tuple[Move, ...]:
    moment = datetime.fromisoformat
    return tuple(
        Move(frozenset(each["refs"]) ^ frozenset(each["before"]), moment(each["at"]), moment(each["arrived"]))
        for each in orjson.loads(said)
    )
