"""The pages of the EKG folder, below …/<context>/ekg/, for staff and for citizens."""

from django.urls import path

from ekg import views

app_name = "ekg"
urlpatterns = [
    path("", views.folder, name="folder"),
    path("nyt/<int:version>/", views.news, name="news"),
    path("<uuid:recording_id>/", views.recording, name="recording"),
    path("<uuid:recording_id>/klar/", views.ready, name="ready"),
    path("<uuid:recording_id>/side/<int:number>/<int:dpi>", views.page, name="page"),
    path("<uuid:recording_id>/original.pdf", views.original, name="original"),
]
