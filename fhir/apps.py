"""What the administration calls this room."""

from django.apps import AppConfig


class FhirConfig(AppConfig):
    name = "fhir"
    verbose_name = "Modtagelse"
