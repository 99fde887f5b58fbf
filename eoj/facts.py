"""What a popover says of one condition or intervention, line by line, and what its printed row says. Reads nothing."""

from collections.abc import Iterable

from eoj.care import Column, Entry
from eoj.wording import Words, ended, on, written
from terminology import caresocial

Fact = tuple[str, str]
"""A label and what stands beside it."""


def facts(entry: Entry, municipality: str, said: Words) -> Iterable[Fact]:
    if entry.level is not None:
        yield said.level_now, said.levels[entry.level]
        if entry.assessed:
            yield said.assessed, on(entry.assessed)
    if entry.expected is not None:
        yield said.expected, said.levels[entry.expected]
    if entry.delivered:
        yield said.delivered, written(entry.created)
    else:
        yield said.granted if entry.column is Column.INTERVENTION else said.created, written(entry.created)
        yield ended(entry, said)
    if entry.planned_end:
        yield said.planned_end, written(entry.planned_end)
    if entry.follow_up:
        yield said.follow_up, written(entry.follow_up)
    if entry.delivery:
        yield said.delivery, ", ".join(_delivery(code) for code in entry.delivery)
    if entry.local:
        yield said.local, ", ".join(entry.local)
    yield said.registered_by, municipality


def _delivery(code: str) -> str:
    return caresocial.shipped().get(code, (code, ""))[0]
