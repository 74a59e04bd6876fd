"""Merging two accounts of one person."""

from django.urls import path

from . import views

app_name = "merging"
urlpatterns = [
    path("tai-khoan/gop", views.home, name="home"),
    path("tai-khoan/gop/ma", views.code, name="code"),
    path("tai-khoan/gop/xem-lai", views.confirm, name="confirm"),
    path("tai-khoan/gop/<int:pk>/hoan-tac", views.undo, name="undo"),
    path("tai-quay/gop", views.at_counter, name="at_counter"),
]
