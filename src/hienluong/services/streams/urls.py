"""`/quan-tri/su-kien`."""

from django.urls import path

from .views import schemas, subscribing, undelivered

app_name = "streams"
urlpatterns = [
    path("", subscribing.listing, name="list"),
    path("de-nghi", subscribing.ask, name="ask"),
    path("chua-giao", undelivered.listing, name="undelivered"),
    path("loai", schemas.listing, name="types"),
    path("loai/<str:type>", schemas.show, name="type"),
    path("dang-ky/<str:code>", subscribing.show, name="show"),
    path("dang-ky/<str:code>/gui-lai", subscribing.replay, name="replay"),
]
