"""`/xac-minh` and the demo timestamp authority."""

from django.urls import path

from . import timestamping, views

app_name = "signing"
urlpatterns = [
    path("xac-minh", views.verify, name="verify"),
    path("xac-minh/<str:token>", views.issued, name="issued"),
    path("api/v1/verify", views.api_verify, name="api_verify"),
    path("tsa", timestamping.serve, name="tsa"),
]
