"""The EPJ's own tables."""

from django.apps import AppConfig


class EpjConfig(AppConfig):
    name = "demo.epj"
    label = "epj"
