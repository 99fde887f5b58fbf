"""Launch and sign-in: the ways to an open record."""

from django.urls import path

from access import api, citizen_views, launch_views, reauthentication, views

app_name = "access"
urlpatterns = [
    path("", views.start, name="start"),
    path("log-ind/", views.sign_in_page, name="sign_in"),
    path("log-ind/igen/", reauthentication.sign_in_again, name="sign-in-again"),
    path("log-ud/", views.sign_out, name="sign_out"),
    path("adgang-udloebet/", views.expired, name="expired"),
    # The administration has no door of its own: who signs in, signs in here.
    path("admin/login/", views.sign_in_page),
    path("admin/logout/", views.sign_out),
    path("api/launch-tickets", api.issue_ticket, name="launch-tickets"),
    path("api/contexts/<str:session_ref>/close", api.close_contexts, name="close-contexts"),
    path("launch/ticket", launch_views.redeem, name="redeem"),
    path("launch/<str:launch_id>/", launch_views.launch, name="launch"),
    path("launch/<str:launch_id>/log-ind/", launch_views.launch_sign_in, name="launch-sign-in"),
    path("launch/<str:launch_id>/aabn/", launch_views.launch_open, name="launch-open"),
    path("launch/<str:launch_id>/skift/", launch_views.launch_switch, name="launch-switch"),
    path("borger/", citizen_views.own, name="own"),
    path("borger/log-ind/", citizen_views.citizen_sign_in_page, name="citizen-sign-in"),
    path("borger/adgang-udloebet/", citizen_views.own_expired, name="own-expired"),
]
