"""The pages of municipal data, below /k/<context>/kommune/."""

from django.urls import path

from eoj import views

app_name = "eoj"
urlpatterns = [path("", views.care, name="care")]
