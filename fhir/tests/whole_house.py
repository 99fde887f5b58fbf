"""The house's own routes, with the tests' kind of document behind the door."""

from django.contrib import admin
from django.urls import include, path

from fhir.tests.addresses import urlpatterns as door

urlpatterns = [*door, path("", include("access.urls")), path("admin/", admin.site.urls)]
