from django.urls import path

from . import views

app_name = "food_safety"
urlpatterns = [
    path("", views.home, name="home"),
    path("ke-hoach", views.plan, name="plan"),
    path("truy-xuat", views.trace, name="trace"),
    path("ngo-doc/<str:key>", views.outbreak, name="outbreak"),
]
