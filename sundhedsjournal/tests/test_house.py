"""Every route opens a record, checks one, or stands on the short list of routes that show none."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.sites import AdminSite
from django.urls import URLPattern, URLResolver, get_resolver

from audit.admin_base import RecordedAdmin

# Routes that show no record: a new one here is a decision about who may see what without a grant.
NO_RECORD = {
    "fhir",  # the door: senders hand documents in and get findings back
    "fhir/Bundle",
    "fhir/Bundle/<str:address>",
    "fhir/metadata",
    "fhir/",
    "fhir/<path:elsewhere>",
    "api/launch-tickets",
    "api/contexts/<str:session_ref>/close",
    "launch/ticket",
    "launch/<str:launch_id>/",
    "launch/<str:launch_id>/log-ind/",
    "launch/<str:launch_id>/aabn/",
    "launch/<str:launch_id>/skift/",
    "adgang-udloebet/",
    "log-ind/",
    "log-ud/",
    "favicon.ico",
    "",
}


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, prefix + str(pattern.pattern))
        elif isinstance(pattern, URLPattern):
            yield prefix + str(pattern.pattern), pattern.callback


def test_every_route_opens_a_record_or_is_known_to_show_none() -> None:
    open_to_all = {
        route
        for route, view in routes(get_resolver())
        if not route.startswith("admin/") and not hasattr(view, "opens_record")
    }
    assert open_to_all == NO_RECORD


def test_every_page_of_the_administration_is_recorded() -> None:
    from sundhedsjournal.urls import site

    assert isinstance(site, AdminSite)
    unrecorded = {model.__name__ for model, admin in site._registry.items() if not isinstance(admin, RecordedAdmin)}
    assert unrecorded == set()


@pytest.mark.django_db
def test_the_tables_match_the_models() -> None:
    from django.core.management import call_command

    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
