"""`/ai-da-xem-du-lieu-cua-toi`, and the officials' `/lam-viec/cau-hoi-du-lieu`."""

from django.urls import path

from . import views

app_name = "lookups"
urlpatterns = [
    path("ai-da-xem-du-lieu-cua-toi", views.mine, name="mine"),
    path("ai-da-xem-du-lieu-cua-toi/<int:read>/hoi", views.ask, name="ask"),
    path("lam-viec/cau-hoi-du-lieu", views.questions, name="questions"),
    path("lam-viec/cau-hoi-du-lieu/<int:question>", views.answer, name="answer"),
]
