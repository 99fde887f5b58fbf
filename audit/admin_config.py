"""Puts our site in the place of Django's: stands in INSTALLED_APPS instead of django.contrib.admin."""

from django.contrib.admin.apps import AdminConfig


class RecordedAdminConfig(AdminConfig):
    default_site = "audit.admin_site.RecordedAdminSite"
