"""The house of these tests with its administration."""

from django.contrib import admin
from django.urls import path

from access.tests.urls import urlpatterns as rooms

urlpatterns = [*rooms, path("admin/", admin.site.urls)]
