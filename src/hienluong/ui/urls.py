"""The gallery of components."""

from django.urls import path

from . import gallery

app_name = "ui"
urlpatterns = [
    path("thiet-ke", gallery.show, name="gallery"),
    path("thiet-ke/trang-mau", gallery.show_home, name="gallery_home"),
    path("thiet-ke/noi-lam-viec", gallery.show_staff, name="gallery_staff"),
    path("thiet-ke/ban-in", gallery.show_print, name="gallery_print"),
]
