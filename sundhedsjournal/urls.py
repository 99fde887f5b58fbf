"""Every URL of the house."""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.decorators.http import require_safe

from access.actors import ref_of
from access.doors import Door, behind
from fhir.urls import urls as fhir_urls
from sundhedsjournal.kinds import KINDS
from sundhedsjournal.measures import SOURCES, TOLD
from sundhedsjournal.metrics import metrics


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Where a browser looks for the icon of what cannot name one: a PDF in a tab of its own."""
    return redirect(static("favicon.svg"))


ROOMS = {"": "access.record_urls", "ekg/": "ekg.urls", "kommune/": "eoj.urls"}
FRONT = {"": "overview.urls"}
"""A record's own address; beside the buttons, which lie there too."""
site = admin.site
urlpatterns = [
    path("fhir", include((fhir_urls(KINDS, ref_of), "fhir"))),
    path("", include("access.urls")),
    path("", include("reviews.urls")),
    *behind(Door.STAFF, FRONT),
    *behind(Door.STAFF, ROOMS | {"vaerdispring/": "access.override_urls"}),
    *behind(Door.CITIZEN, FRONT),
    *behind(Door.CITIZEN, ROOMS | {"log/": "citizen.urls"}),
    path("admin/", site.urls),
    path("favicon.ico", icon),
    path("metrics", metrics(SOURCES, TOLD)),
]
handler400 = "sundhedsjournal.errors.bad_request"
handler403 = "sundhedsjournal.errors.forbidden"
handler404 = "sundhedsjournal.errors.not_found"
handler500 = "sundhedsjournal.errors.server_error"
