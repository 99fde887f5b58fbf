"""The citizens' own pages, below /borger/<context>/: staff have none of them."""

from django.urls import path

from citizen import views

app_name = "citizen"
urlpatterns = [path("", views.log, name="log")]
