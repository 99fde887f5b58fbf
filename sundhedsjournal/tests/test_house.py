"""Every route opens a record, checks one, or stands on the short list of routes that show none."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.sites import AdminSite
from django.urls import URLPattern, URLResolver, get_resolver

from access.doors import Door
from audit.admin_base import RecordedAdmin

# Routes that show no record: a new one here is a decision about who may see what without a grant.
NO_RECORD = {
    "fhir",  # the door: senders hand documents in and get findings back
    "fhir/Bundle",
    "fhir/Bundle/<str:address>",
    "fhir/metadata",
    "fhir/AuditEvent",  # codes and pseudonyms, to registered systems of the log control alone
    "fhir/AuditEvent/_search",
    "fhir/AuditEvent/<str:event_id>",
    "fhir/",
    "fhir/<path:elsewhere>",
    "api/launch-tickets",
    "api/contexts/<str:session_ref>/close",
    "launch",
    "launch/ticket",
    "launch/<str:launch_id>/",
    "launch/<str:launch_id>/aabn/",
    "launch/<str:launch_id>/skift/",
    "adgang-udloebet/",
    "til-stede/",
    "indstillinger/",
    "indstillinger/skaerm/",
    "borger/",
    "borger/log-ind/",
    "borger/logget-ud/",
    "borger/adgang-udloebet/",
    "log-ind/",
    "log-ind/igen/",
    "log-ud/",
    "login/callback",
    "login/jwks.json",
    "login/backchannel-logout",
    "opslag/",
    "mine-opslag/",  # of its reader, who has seen all of it
    "favicon.ico",
    "metrics",  # counts and ages for the operator's monitoring, to the bearer of METRICS_TOKEN alone
    "",
}


def told(resolver: URLResolver, prefix: str = "", **given: Any) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """Every route, its view, and what the URL map tells the view beside what stands in the address."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from told(pattern, prefix + str(pattern.pattern), **given, **pattern.default_kwargs)
        elif isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern), pattern.callback, given | pattern.default_args


def routes(resolver: URLResolver) -> Iterator[tuple[str, Any]]:
    for route, view, _ in told(resolver):
        yield route, view


def test_every_route_opens_a_record_or_is_known_to_show_none() -> None:
    open_to_all = {
        route
        for route, view in routes(get_resolver())
        if not route.startswith("admin/") and not hasattr(view, "opens_record")
    }
    assert open_to_all == NO_RECORD


def test_every_route_to_a_record_says_which_door_it_is_behind() -> None:
    doors = {
        route: given.get("door")
        for route, view, given in told(get_resolver())
        if hasattr(view, "opens_record") or "<str:context>" in route
    }
    assert doors == {route: Door(route.split("/<str:context>/")[0]) for route in doors}
    assert set(doors.values()) == set(Door)
    for_citizens = {route.partition("/<str:context>/")[2] for route, door in doors.items() if door is Door.CITIZEN}
    # What a citizen can ask for: a new one here is a decision about what of a record citizens see.
    assert for_citizens == {
        "",
        "cpr",
        "luk",
        "kommune/",
        "log/",
        "ekg/",
        "ekg/nyt/<int:version>/",
        "ekg/<uuid:recording_id>/",
        "ekg/<uuid:recording_id>/klar/",
        "ekg/<uuid:recording_id>/side/<int:number>/<int:dpi>",
        "ekg/<uuid:recording_id>/original.pdf",
        "ekg/<uuid:recording_id>/udskriv/",
        "ekg/<uuid:recording_id>/pdf/",
        "ekg/<uuid:recording_id>/pdf/<uuid:export_id>/",
        "ekg/<uuid:recording_id>/pdf/<uuid:export_id>/klar/",
        "ekg/<uuid:recording_id>/pdf/<uuid:export_id>/ekg.pdf",
    }


def test_every_page_of_the_administration_is_recorded() -> None:
    from sundhedsjournal.urls import site

    assert isinstance(site, AdminSite)
    unrecorded = {model.__name__ for model, admin in site._registry.items() if not isinstance(admin, RecordedAdmin)}
    assert unrecorded == set()


@pytest.mark.django_db
def test_the_tables_match_the_models() -> None:
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
