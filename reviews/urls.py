"""What is not in the administration: one's own look-ups."""

from django.urls import path

from reviews import views

app_name = "reviews"
urlpatterns = [path("mine-opslag/", views.own_lookups, name="own")]
