"""The buttons of an open record, below its context, whoever has it open."""

from django.urls import path

from access import views

app_name = "record"
urlpatterns = [
    path("cpr", views.reveal_cpr, name="cpr"),
    path("luk", views.close_record, name="close"),
]
