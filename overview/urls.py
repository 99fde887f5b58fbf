"""The first page of a record, at …/<context>/, for staff and for citizens."""

from django.urls import path

from overview import views

app_name = "overview"
urlpatterns = [path("", views.page, name="page")]
