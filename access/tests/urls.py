"""The house of these tests: the real doors, behind the gate small rooms that answer in every way a view can, and one
room that somebody forgot to put behind a door.
"""

from datetime import date

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template import engines
from django.template.response import TemplateResponse
from django.urls import include, path

from access.doors import Door, behind
from access.gate import Grant, RecordRequest, checks_record, opens_record
from access.matrix import Part
from access.tests import rooms
from audit.actions import Action


@opens_record(Action.EKG_FOLDER_VIEWED)
def folder(request: HttpRequest, grant: Grant) -> HttpResponseBase:
    return TemplateResponse(request, "access/cpr.html", {"grant": grant})


@opens_record(Action.EKG_FOLDER_VIEWED)
def odd(request: RecordRequest, grant: Grant, how: str) -> HttpResponseBase:
    request.audit_entity = "Recording/0190a1b2-0000-7000-8000-000000000001"
    return rooms.ANSWERS[how](request, grant)


@opens_record(Action.EKG_ORIGINAL_OPENED, kind="bytes")
def original(request: HttpRequest, grant: Grant) -> HttpResponseBase:
    return FileResponse(rooms.opened(), content_type="application/pdf")


@opens_record(Action.EKG_IMAGE_FETCHED, kind="bytes")
def image(request: HttpRequest, grant: Grant) -> HttpResponseBase:
    return HttpResponse(b"png", content_type="image/png", headers={"Cache-Control": "private, no-cache", "ETag": '"1"'})


@opens_record(Action.EKG_FOLDER_VIEWED, part=Part.EKG)
def data(request: HttpRequest, grant: Grant, sor: str, day: str) -> HttpResponseBase:
    """Whether data from a place and a day are shown, in words."""
    hidden = grant.consent.hides(sor, date.fromisoformat(day))
    return HttpResponse("<p>skjult</p>" if hidden else "<p>vist</p>")


@checks_record(Part.EKG)
def news(request: HttpRequest, grant: Grant, version: int) -> HttpResponseBase:
    return HttpResponse("nyt", status={0: 204, 1: 200}.get(version, 404))


ekg = [
    path("", folder, name="folder"),
    path("odd/<str:how>/", odd, name="odd"),
    path("original.pdf", original, name="original"),
    path("image.png", image, name="image"),
    path("data/<str:sor>/<str:day>/", data, name="data"),
    path("nyt/<int:version>/", news, name="news"),
]


@opens_record(Action.EOJ_VIEWED, part=Part.MUNICIPAL)
def care(request: HttpRequest, grant: Grant) -> HttpResponseBase:
    page = engines["django"].from_string(rooms.TAB)
    return HttpResponse(page.render({"grant": grant, "count": 0, "new": 0, "fetched": "10.00"}, request))


@opens_record(Action.EKG_FOLDER_VIEWED, part=Part.EKG)
def hearts(request: HttpRequest, grant: Grant) -> HttpResponseBase:
    return HttpResponse("<p>EKG</p>")


@opens_record(Action.OVERVIEW_VIEWED)
def overview(request: HttpRequest, grant: Grant) -> HttpResponseBase:
    return HttpResponse("<p>oversigt</p>")


front = [path("", overview, name="page")]
kommune = [path("", care, name="care"), path("hjerte/", hearts, name="hearts")]
urlpatterns = [
    path("", include("access.urls")),
    path("", include("reviews.urls")),  # every record leads to it
    *behind(Door.STAFF, {"": "access.record_urls", "vaerdispring/": "access.override_urls"}),
    *behind(Door.STAFF, {"ekg/": (ekg, "ekg"), "kommune/": (kommune, "eoj")}),
    *behind(Door.CITIZEN, {"": "access.record_urls", "ekg/": (ekg, "ekg"), "kommune/": (kommune, "eoj")}),
    *behind(Door.STAFF, {"": (front, "overview")}),
    *behind(Door.CITIZEN, {"": (front, "overview")}),
    *behind(Door.CITIZEN, {"log/": "citizen.urls"}),
    path("k/<str:context>/uden-doer/", folder),
]
