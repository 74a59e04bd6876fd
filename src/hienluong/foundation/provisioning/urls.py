"""Officials in many at once, and the page where one of them chooses the first password."""

from django.urls import path

from . import departure_views, directory_views, invitation_views, sheet_views

app_name = "provisioning"
urlpatterns = [
    path("quan-tri/nhap-can-bo", sheet_views.upload, name="sheets"),
    path("quan-tri/nhap-can-bo/mau", sheet_views.template, name="template"),
    path("quan-tri/nhap-can-bo/<uuid:pk>", sheet_views.show, name="sheet"),
    path("quan-tri/nhap-can-bo/<uuid:pk>/loi", sheet_views.faults, name="sheet_faults"),
    path("quan-tri/nhap-can-bo/<uuid:pk>/nhap", sheet_views.start, name="start_sheet"),
    path("quan-tri/nhap-can-bo/<uuid:pk>/dung", sheet_views.stop, name="stop_sheet"),
    path("quan-tri/nhap-can-bo/<uuid:pk>/tiep", sheet_views.resume, name="resume_sheet"),
    path("quan-tri/nhap-can-bo/<uuid:pk>/hoan-tac", sheet_views.undo, name="undo_sheet"),
    path("quan-tri/thoi-chuc-vu", departure_views.listing, name="departures"),
    path("quan-tri/thoi-chuc-vu/<int:pk>", departure_views.show, name="departure"),
    path("quan-tri/tai-khoan/<int:pk>/moi", invitation_views.invite, name="invite"),
    path("quan-tri/he-thong-ket-noi/<str:pk>/danh-ba", directory_views.directory, name="directory"),
    path("thiet-lap", invitation_views.set_up, name="set_up"),
    path("thiet-lap/<str:secret>", invitation_views.invited, name="invited"),
]
