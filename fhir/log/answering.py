"""A page of the log as a FHIR searchset, and the search as it was carried out."""

import uuid
from collections.abc import Collection, Mapping
from urllib.parse import urlencode

from audit.searching import Found
from fhir.bundle import Tree
from fhir.log.asking import Asked


def told(asked: Asked, agent: uuid.UUID | None) -> dict[str, str]:
    """The search as it was carried out; what names a person is an id of ours."""
    said = {
        "patient": f"Patient/{asked.patient}" if asked.patient else "",
        "agent": str(agent or ""),
        "from": asked.start.isoformat() if asked.start else "",
        "to": asked.end.isoformat() if asked.end else "",
        "_count": str(asked.count),
    }
    return {name: value for name, value in said.items() if value}


def codes(told: Mapping[str, str]) -> dict[str, str]:
    """The same as an event may hold it; its patient stands by itself."""
    return {name.removeprefix("_"): value for name, value in told.items() if name != "patient"}


def bundle(base: str, rows: Collection[Found], told: Mapping[str, str], more: str) -> Tree:
    """The page at this address of the log; `more` is what the next one is asked for with."""
    links = [{"relation": "self", "url": f"{base}?{urlencode(_parameters(told))}"}]
    if more:
        links.append({"relation": "next", "url": f"{base}?_page={more}"})
    entries = [{"fullUrl": f"{base}/{row.id}", "resource": row.event, "search": {"mode": "match"}} for row in rows]
    return {"resourceType": "Bundle", "type": "searchset", "link": links, **({"entry": entries} if entries else {})}


def _parameters(told: Mapping[str, str]) -> list[tuple[str, str]]:
    times = {"from": ("date", "ge"), "to": ("date", "lt")}
    named = ((times.get(name, (name, "")), value) for name, value in told.items())
    return [(name, f"{prefix}{value.replace('+00:00', 'Z')}") for (name, prefix), value in named]
