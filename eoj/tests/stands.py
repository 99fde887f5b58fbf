"""What stands now; for the tests of this room."""

from types import SimpleNamespace

import orjson

from eoj.standing import COLUMNS, standing
from patients.models import Patient

LISTS = ("refs", "detail", "levels")


def everything() -> list[SimpleNamespace]:
    """Of every citizen in the order of their numbers, also what is hidden."""
    found = []
    for patient in Patient.objects.order_by("cpr"):
        for row in standing(patient.pk):
            told = dict(zip(COLUMNS, row, strict=True))
            told |= {name: orjson.loads(told[name]) for name in LISTS}
            moves = orjson.loads(told["moves"] or "[]")
            told["moves"] = [{name: said for name, said in each.items() if name != "arrived"} for each in moves]
            found.append(SimpleNamespace(cpr=patient.cpr, **told))
    return found


def stands(kind: str) -> dict[str, SimpleNamespace]:
    """Resource id → what stands of it, of one type."""
    return {each.resource_id: each for each in everything() if each.type == kind and not each.hidden}
