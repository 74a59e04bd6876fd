"""``/quan-tri/thu-tuc``: the catalogue for officials."""

from django.urls import path

from . import import_views, views

app_name = "procedures"
urlpatterns = [
    path("quan-tri/thu-tuc", views.listing, name="list"),
    path("quan-tri/thu-tuc/xuat", views.export, name="export"),
    path("quan-tri/thu-tuc/nhap", import_views.upload, name="import"),
    path("quan-tri/thu-tuc/nhap/<uuid:batch_id>", import_views.confirm, name="confirm_import"),
    path("quan-tri/thu-tuc/<str:code>", views.show, name="show"),
    path("quan-tri/thu-tuc/<str:code>/ban/<int:number>", views.version, name="version"),
    path("quan-tri/thu-tuc/<str:code>/ban/<int:number>/cong-bo", views.publish, name="publish"),
    path("quan-tri/thu-tuc/<str:code>/tam-ngung", views.suspend, name="suspend"),
    path("quan-tri/thu-tuc/<str:code>/tiep-tuc", views.resume, name="resume"),
    path("quan-tri/thu-tuc/<str:code>/thay-the", views.replace, name="replace"),
]
