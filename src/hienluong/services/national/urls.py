"""The door for what arrives from the national portal, and the page of the IT officer."""

from django.urls import path

from . import views

app_name = "national"
urlpatterns = [
    path("api/v1/national-portal/messages", views.arrive, name="arrive"),
    path("quan-tri/cong-quoc-gia", views.queue, name="queue"),
    path("quan-tri/cong-quoc-gia/<str:code>/gui-lai", views.retry, name="retry"),
]
