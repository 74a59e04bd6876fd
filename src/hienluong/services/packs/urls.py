"""`/quan-tri/goi-nganh`: the packs of this installation."""

from django.urls import path

from . import offer_views, signer_views, views

app_name = "packs"
urlpatterns = [
    path("", views.listing, name="list"),
    path("tai-len", offer_views.upload, name="upload"),
    path("cho-cai/<uuid:pk>", offer_views.show, name="offer"),
    path("cho-cai/<uuid:pk>/bo", offer_views.give_up, name="give_up"),
    path("nguoi-ky", signer_views.listing, name="signers"),
    path("nguoi-ky/them", signer_views.trust, name="trust"),
    path("nguoi-ky/<int:pk>/thoi", signer_views.distrust, name="distrust"),
    path("<str:name>", views.show, name="show"),
    path("<str:name>/tai-ve", views.export, name="export"),
    path("<str:name>/cai-lai", offer_views.bring_back, name="bring_back"),
    path("<str:name>/go", views.uninstall, name="uninstall"),
]
