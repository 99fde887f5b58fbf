"""The pages of the EKG folder, below …/<context>/ekg/, for staff and for citizens."""

from django.urls import path

from ekg import copy_views, views

app_name = "ekg"
urlpatterns = [
    path("", views.folder, name="folder"),
    path("nyt/<int:version>/", views.news, name="news"),
    path("<uuid:recording_id>/", views.recording, name="recording"),
    path("<uuid:recording_id>/klar/", views.ready, name="ready"),
    path("<uuid:recording_id>/side/<int:number>/<int:dpi>", views.page, name="page"),
    path("<uuid:recording_id>/original.pdf", views.original, name="original"),
    path("<uuid:recording_id>/udskriv/", copy_views.printed, name="print"),
    path("<uuid:recording_id>/pdf/", copy_views.ask_pdf, name="ask_pdf"),
    path("<uuid:recording_id>/pdf/<uuid:export_id>/", copy_views.pdf, name="pdf"),
    path("<uuid:recording_id>/pdf/<uuid:export_id>/klar/", copy_views.pdf_ready, name="pdf_ready"),
    path("<uuid:recording_id>/pdf/<uuid:export_id>/ekg.pdf", copy_views.pdf_file, name="pdf_file"),
]
