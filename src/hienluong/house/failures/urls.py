"""`/quan-tri/viec-hong`."""

from django.urls import path

from . import views

app_name = "failures"
urlpatterns = [path("quan-tri/viec-hong", views.show, name="show")]
