"""`/quan-tri/chia-se-du-lieu`."""

from django.urls import path

from .views import sharing

app_name = "sharing"
urlpatterns = [
    path("quan-tri/chia-se-du-lieu", sharing.listing, name="list"),
    path("quan-tri/chia-se-du-lieu/de-nghi/<str:code>", sharing.ask, name="ask"),
    path("quan-tri/chia-se-du-lieu/<str:code>", sharing.show, name="show"),
]
