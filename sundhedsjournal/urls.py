"""Every URL of the house."""

from django.contrib import admin
from django.urls import include, path

from fhir.urls import urls as fhir_urls
from sundhedsjournal.kinds import KINDS

site = admin.site
urlpatterns = [
    path("fhir", include((fhir_urls(KINDS), "fhir"))),
    path("", include("access.urls")),
    path("k/<str:context>/ekg/", include("ekg.urls")),
    path("admin/", site.urls),
]
handler400 = "sundhedsjournal.errors.bad_request"
handler403 = "sundhedsjournal.errors.forbidden"
handler404 = "sundhedsjournal.errors.not_found"
handler500 = "sundhedsjournal.errors.server_error"
