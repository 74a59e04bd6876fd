"""`/dieu-hanh` for leaders, `/cong-khai` for everyone."""

from django.urls import path

from . import views

app_name = "oversight"
urlpatterns = [
    path("dieu-hanh", views.dashboard, name="dashboard"),
    path("dieu-hanh/ho-so", views.behind, name="behind"),
    path("cong-khai", views.public, name="public"),
]
