"""`/ho-so/<code>/danh-gia`."""

from django.urls import path

from . import views

app_name = "surveys"
urlpatterns = [path("ho-so/<str:code>/danh-gia", views.rate_dossier, name="rate")]
