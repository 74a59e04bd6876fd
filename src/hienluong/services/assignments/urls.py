"""`/lam-viec/giao-viec/`: tasks."""

from django.urls import path

from . import views

app_name = "assignments"
urlpatterns = [
    path("", views.tasks, name="list"),
    path("giao", views.give, name="give"),
    path("bang", views.board, name="board"),
    path("<int:task>", views.show, name="show"),
    path("<int:task>/viec/<str:verb>", views.act, name="act"),
]
