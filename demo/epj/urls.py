"""The two pages of the demo EPJ: the desk, and the form that carries the ticket over."""

from django.urls import path

from demo.epj import views

urlpatterns = [path("", views.desk, name="desk")]
