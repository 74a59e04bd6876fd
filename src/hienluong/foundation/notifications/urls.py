"""`/thong-bao`."""

from django.urls import path

from . import views

app_name = "notifications"
urlpatterns = [
    path("thong-bao", views.index, name="index"),
    path("thong-bao/da-doc", views.read, name="read"),
]
