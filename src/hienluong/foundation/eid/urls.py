"""Signing in by VNeID and the like, linking, and the page of who looks after it."""

from django.urls import path

from . import own_views, views

app_name = "eid"
urlpatterns = [
    path("dang-nhap/dinh-danh/<slug:key>", views.enter, name="enter"),
    path("dang-nhap/dinh-danh/<slug:key>/quay-lai", views.back, name="back"),
    path("tai-khoan/xac-nhan/dinh-danh/<slug:key>", views.confirm, name="confirm"),
    path("tai-khoan/bao-mat/dinh-danh/<slug:key>", views.link, name="link"),
    path("tai-khoan/bao-mat/lien-ket/<int:pk>/bo", own_views.unlink, name="unlink"),
    path("tai-khoan/them-khoa-truy-cap", views.offer_passkey, name="offer_passkey"),
    path("quan-tri/dinh-danh-dien-tu", own_views.providers, name="providers"),
]
