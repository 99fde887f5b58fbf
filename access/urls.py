"""Launch and sign-in: the ways to an open record."""

from typing import Any

from django.conf import settings
from django.urls import URLPattern, path
from django.urls.resolvers import RoutePattern

from access import api, citizen_views, launch_views, manual_views, preferences_views, views
from access.oidc import arriving
from access.oidc import views as oidc_views

app_name = "access"


class WhenAllowed(RoutePattern):
    """A route that is there only with MANUAL_LOOKUP: without it the address is like any that never was."""

    def match(self, path: str) -> Any:
        return super().match(path) if settings.MANUAL_LOOKUP else None


urlpatterns = [
    path("", views.start, name="start"),
    path("log-ind/", views.sign_in_page, name="sign_in"),
    path("log-ind/igen/", oidc_views.again, name="sign-in-again"),
    path("log-ud/", views.sign_out, name="sign_out"),
    path("login/callback", arriving.callback, name="callback"),
    path("login/jwks.json", oidc_views.public_keys, name="jwks"),
    path("login/backchannel-logout", oidc_views.backchannel_logout, name="backchannel-logout"),
    path("adgang-udloebet/", views.expired, name="expired"),
    path("indstillinger/", preferences_views.settings_page, name="settings"),
    path("indstillinger/skaerm/", preferences_views.screen, name="screen"),
    path("til-stede/", views.present, name="present"),
    # The administration has no door of its own: who signs in, signs in here.
    path("admin/login/", views.sign_in_page),
    path("admin/logout/", views.sign_out),
    path("api/launch-tickets", api.issue_ticket, name="launch-tickets"),
    path("api/contexts/<str:session_ref>/close", api.close_contexts, name="close-contexts"),
    path("launch", oidc_views.smart_launch, name="smart-launch"),
    path("launch/ticket", launch_views.redeem, name="redeem"),
    path("launch/<str:launch_id>/", launch_views.launch, name="launch"),
    path("launch/<str:launch_id>/aabn/", launch_views.launch_open, name="launch-open"),
    path("launch/<str:launch_id>/skift/", launch_views.launch_switch, name="launch-switch"),
    URLPattern(WhenAllowed("opslag/", name="look-up", is_endpoint=True), manual_views.look_up, name="look-up"),
    path("borger/", citizen_views.own, name="own"),
    path("borger/log-ind/", citizen_views.citizen_sign_in_page, name="citizen-sign-in"),
    path("borger/logget-ud/", views.signed_out, name="signed-out"),
    path("borger/adgang-udloebet/", citizen_views.own_expired, name="own-expired"),
]
