"""`/tep/<id>`."""

from django.urls import path

from . import views

app_name = "files"
urlpatterns = [
    path("tep/<uuid:file_id>", views.content, name="content"),
    path("tep/<uuid:file_id>/xem", views.preview, name="preview"),
]
