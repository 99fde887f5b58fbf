"""Reads one page of what a gateway answers: its reports, when it was made, where the next is. Pure: imports no Django.

Everything in it is from outside: a page is sound as a whole, or `Unsound` with the code of an ending.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson

from eoj.report import inner_reports, is_incremental
from fhir.bundle import Tree
from fhir.primitives import moment
from fhir.tree import text, values

PORTS = {"http": 80, "https": 443}
VISIBLE = re.compile("[!-~]+")
CODE = re.compile("[A-Za-z][A-Za-z-]{0,39}")
KINDS = 20
"""Kinds of other entry that are counted by name."""


class Unsound(Exception):
    """The page cannot be used; `ending` says why."""

    def __init__(self, ending: str) -> None:
        super().__init__(ending)
        self.ending = ending


@dataclass(frozen=True)
class Page:
    """What one page says."""

    reports: tuple[bytes, ...]
    next: str
    """The address of the next page; "" on the last one."""
    made: datetime | None
    newest: datetime | None
    """The latest time at which one of its reports changed."""
    noted: Mapping[str, int]
    """What it holds that is no report, by type or by code of the issue."""


def read(raw: bytes, url: str) -> Page:
    """The page that `url` gave; raises Unsound."""
    try:
        tree = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Unsound("not-fhir") from None
    if not isinstance(tree, dict) or tree.get("resourceType") != "Bundle" or tree.get("type") != "searchset":
        raise Unsound("not-searchset")
    reports: list[bytes] = []
    noted: Counter[str] = Counter()
    changed = []
    for resource in map(_resource, values(tree, "entry")):
        if resource.get("resourceType") != "Bundle":
            noted.update(_names(resource))
            continue
        changed += [time] if (time := moment(text(resource, "meta", "lastUpdated"))) else []
        for report in inner_reports(resource) if is_incremental(resource) else (resource,):
            try:
                reports.append(orjson.dumps(report))
            except TypeError:  # nested deeper than can be written
                noted["too-deep"] += 1
    made = moment(text(tree, "meta", "lastUpdated"))
    return Page(tuple(reports), _next(tree, url), made, max(changed, default=None), dict(noted.most_common(KINDS)))


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port; raises ValueError for what is no address."""
    told = urlsplit(url)
    return told.scheme, told.hostname or "", told.port or PORTS.get(told.scheme)


def _resource(entry: Any) -> Tree:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    return resource if isinstance(resource, dict) else {}


def _names(resource: Tree) -> Iterator[str]:
    kind = _code(resource.get("resourceType"))
    if kind == "OperationOutcome":
        for issue in values(resource, "issue"):
            yield f"{_code(text(issue, 'severity'))}:{_code(text(issue, 'code'))}"
    else:
        yield kind


def _code(said: Any) -> str:
    return said if isinstance(said, str) and CODE.fullmatch(said) else "unknown"


def _next(tree: Tree, url: str) -> str:
    """Where the page says the next one is; never anywhere but where the page itself came from."""
    said = [text(link, "url") for link in values(tree, "link") if text(link, "relation") == "next"]
    if not said:
        return ""
    if len(said) > 1 or not VISIBLE.fullmatch(said[0]):
        raise Unsound("elsewhere")
    try:
        found = urljoin(url, said[0]).partition("#")[0]
        same = origin(found) == origin(url) and "@" not in urlsplit(found).netloc
    except ValueError:
        same = False
    if not same:
        raise Unsound("elsewhere")
    return found
