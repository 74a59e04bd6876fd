"""`/minh-bach` and its JSON."""

from django.urls import path

from . import views

app_name = "transparency"
urlpatterns = [
    path("minh-bach", views.page, name="page"),
    path("api/v1/transparency/head", views.head, name="head"),
    path("api/v1/transparency/proof", views.inclusion, name="proof"),
    path("api/v1/transparency/consistency", views.consistency, name="consistency"),
    path("api/v1/transparency/entries", views.entries, name="entries"),
]
