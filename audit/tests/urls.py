"""The routes of test_admin: the house's administration, and one more table in it."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import include, path

from audit.admin_site import RecordedAdminSite
from audit.tests.test_admin import Groups

site = RecordedAdminSite()
site.register(Group, Groups)
for model, page in admin.site._registry.items():
    site.register(model, type(page))
urlpatterns = [path("", include("access.urls")), path("admin/", site.urls)]
