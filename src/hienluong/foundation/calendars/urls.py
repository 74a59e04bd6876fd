"""Working time."""

from django.urls import path

from . import views

app_name = "calendars"
urlpatterns = [
    path("quan-tri/lich-lam-viec", views.overview, name="overview"),
    path("quan-tri/lich-lam-viec/ngay-moi", views.new_day, name="new_day"),
    path("quan-tri/lich-lam-viec/ngay/<int:pk>/xoa", views.remove_day, name="remove_day"),
    path("quan-tri/lich-lam-viec/gio-moi", views.new_week, name="new_week"),
    path("quan-tri/lich-lam-viec/thu-tinh", views.try_out, name="try_out"),
]
