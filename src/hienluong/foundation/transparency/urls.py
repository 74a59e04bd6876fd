"""`/minh-bach`."""

from django.urls import path

from . import views

app_name = "transparency"
urlpatterns = [path("minh-bach", views.page, name="page")]
