"""The two doors to a record: what stands before the context in an address says who it is for (design: C2).

Everything below a door is the same for both; the gate lets through only contexts that were opened for that door.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import cache

from django.conf import settings
from django.urls import (
    URLPattern,
    URLResolver,
    get_script_prefix,
    get_urlconf,
    include,
    path,
    reverse,
)

Room = str | tuple[list[URLPattern], str]
"""A module of routes that names itself (app_name), or routes and their name."""
PLACE = "-" * 22
"""What stands for a context: no context is called so."""
OPAQUE = re.compile(r"[A-Za-z0-9_-]{22}")


class Door(StrEnum):
    """The first segment of the address."""

    STAFF = "k"
    CITIZEN = "borger"


def behind(door: Door, rooms: Mapping[str, Room]) -> list[URLResolver]:
    """The routes of these rooms, {path below the context: room}; each view is told which door it is behind."""
    return [_room(door, under, room) for under, room in rooms.items()]


def address(door: Door, page: str, context: str, **named: object) -> str:
    """Where a page, "eoj:care", of an open record is behind this door; there is no way from one door to the other."""
    if named or not OPAQUE.fullmatch(context):
        return reverse(_name(door, page), kwargs={"context": context, **named})
    return _form(_name(door, page), get_urlconf() or settings.ROOT_URLCONF, get_script_prefix()).replace(PLACE, context)


@cache
def _form(name: str, _urlconf: str, _prefix: str) -> str:
    """The address with PLACE where the context stands: a page asks for five, and Django looks for each anew.

    It holds as long as the routes and the prefix that the web server names do.
    """
    return reverse(name, kwargs={"context": PLACE})


def _name(door: Door, page: str) -> str:
    room, _, name = page.partition(":")
    return f"{_instance(door, room)}:{name}"


def _room(door: Door, under: str, room: Room) -> URLResolver:
    routes, name, _ = include(room)
    if name is None:
        raise ValueError(f"{under}: a room without app_name has no address")
    inside = include((routes, name), namespace=_instance(door, name))
    return path(f"{door}/<str:context>/{under}", inside, {"door": door})


def _instance(door: Door, room: str) -> str:
    """What Django calls a room behind a door: the staff's has the name that the room gives itself."""
    return room if door is Door.STAFF else f"{door}-{room}"
