"""The pages of municipal data, below …/<context>/kommune/, for staff and for citizens."""

from django.urls import path

from eoj import views

app_name = "eoj"
urlpatterns = [path("", views.care, name="care")]
