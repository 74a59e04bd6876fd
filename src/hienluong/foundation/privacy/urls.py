"""`/tai-khoan/du-lieu-cua-toi`."""

from django.urls import path

from . import views

app_name = "privacy"
urlpatterns = [
    path("tai-khoan/du-lieu-cua-toi", views.own, name="own"),
    path("tai-khoan/du-lieu-cua-toi/ban-sao", views.ask_export, name="ask_export"),
    path("tai-khoan/du-lieu-cua-toi/ban-sao/<int:pk>", views.take_export, name="take_export"),
    path("tai-khoan/dong-tai-khoan", views.close, name="close"),
    path("tai-khoan/dong-tai-khoan/lay-lai", views.take_back, name="take_back"),
]
