"""Representing enterprises."""

from django.urls import path

from . import views

app_name = "mandates"
urlpatterns = [
    path("dai-dien", views.listing, name="list"),
    path("dai-dien/nhan", views.claim, name="claim"),
    path("dai-dien/lam-viec", views.act_for, name="act_for"),
    path("dai-dien/<int:pk>", views.enterprise, name="enterprise"),
    path("dai-dien/<int:pk>/cu", views.appoint, name="appoint"),
    path("dai-dien/loi-cu/<int:pk>", views.answer, name="answer"),
    path("dai-dien/loi-cu/<int:pk>/rut", views.withdraw, name="withdraw"),
]
