"""The door alone, for the kind of document that tests bring; each test gets a kind of its own through `LETTERS`."""

from django.urls import include, path

from fhir.tests.letters import Letters
from fhir.urls import urls

LETTERS = Letters()
urlpatterns = [path("fhir", include((urls((LETTERS,)), "fhir")))]
