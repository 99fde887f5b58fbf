"""Værdispring, below /k/<context>/vaerdispring/: a room that only staff have."""

from django.urls import path

from access import override_views

app_name = "override"
urlpatterns = [
    path("", override_views.ask, name="ask"),
    path("slut", override_views.stop, name="stop"),
    path("tid/", override_views.time_left, name="time"),
]
