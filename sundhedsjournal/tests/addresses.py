"""Every address of the site, made from the URL map: what is put up tomorrow is asked tomorrow."""

from typing import Any

from django.urls import get_resolver

from access.contexts import new_id
from sundhedsjournal.tests.test_house import told

MAP = tuple(told(get_resolver("sundhedsjournal.urls")))
"""(route, view, what the map tells the view)"""
ROUTES = tuple(dict.fromkeys(route for route, _, _ in MAP))
RECORD = "<str:context>/"
"""What stands in every route to a record."""
NOBODY = "0190a1b2-0000-7000-8000-000000000001"


def address(route: str, **places: Any) -> str:
    """The route with something in each of its places: what the caller gives (context=…), else something made up."""
    values = {
        "str:context": places.get("context") or new_id(),
        "uuid:recording_id": places.get("recording_id", NOBODY),
        "uuid:export_id": places.get("export_id", NOBODY),
        "int:number": places.get("number", 1),
        "uuid:review": places.get("review", NOBODY),
        "int:dpi": places.get("dpi", 150),
        "int:version": 0,
        "str:launch_id": places.get("launch_id") or new_id(),
        "str:session_ref": places.get("session_ref") or NOBODY,
        "str:address": places.get("address") or "a-bundle",
        "str:event_id": places.get("event_id") or NOBODY,
        "path:elsewhere": "elsewhere",
        "path:object_id": places.get("object_id", NOBODY),
    }
    for name, value in values.items():
        route = route.replace(f"<{name}>", str(value))
    if "^" in route or "(" in route:  # the administration's own patterns
        route = "admin/access/" if "app_label" in route else "admin/elsewhere"
    assert "<" not in route, f"give {route} a value here"
    return f"/{route}"
