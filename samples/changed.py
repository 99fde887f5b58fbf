"""Vary a sample in a test: `changed(tree, path=value)`. Pure."""

import copy
import re
from typing import Any

_STEP = re.compile(r"([A-Za-z]\w*)|\[(\d+)\]")


def changed(tree: dict[str, Any], changes: dict[str, Any] | None = None, /, **more: Any) -> dict[str, Any]:
    """A deep copy with each path set to its value; None deletes what stands there.

    A path is written as in FHIRPath: `timestamp`, `entry[0].resource.title`, or beginning with the type of a resource,
    `Observation.note[0].text`: the first one of that type in the Bundle. Naming the place after the last
    makes a list grow. Raises KeyError when a step but the last leads nowhere, or when nothing is there to delete.
    """
    copied = copy.deepcopy(tree)
    for path, value in {**(changes or {}), **more}.items():
        *way, last = _steps(path)
        found: Any = copied
        if way and isinstance(way[0], str) and way[0][0].isupper():
            found, way = _first(copied, way[0]), way[1:]
        for step in way:
            found = _at(found, step, path)
        _put(found, last, value, path)
    return copied


def _steps(path: str) -> list[str | int]:
    if "".join(match.group(0) for match in _STEP.finditer(path)) != path.replace(".", ""):
        raise KeyError(path)
    return [int(match.group(2)) if match.group(2) else match.group(1) for match in _STEP.finditer(path)]


def _first(tree: dict[str, Any], kind: str) -> Any:
    resources = [tree, *(entry["resource"] for entry in tree.get("entry", ()))]
    for resource in resources:
        if resource.get("resourceType") == kind:
            return resource
    raise KeyError(kind)


def _at(found: Any, step: str | int, path: str) -> Any:
    try:
        return found[step]
    except (LookupError, TypeError):
        raise KeyError(path) from None


def _put(found: Any, last: str | int, value: Any, path: str) -> None:
    if isinstance(found, list) and last == len(found) and value is not None:
        found.append(value)
        return
    if value is None or isinstance(found, list):
        _at(found, last, path)
    if value is None:
        del found[last]
    else:
        found[last] = value
