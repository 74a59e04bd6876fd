"""`/dinh-chinh`: what a person asked to have corrected; `/lam-viec/dinh-chinh`: what an agency has to decide."""

from django.urls import path

from . import views

app_name = "corrections"
urlpatterns = [
    path("dinh-chinh", views.mine, name="mine"),
    path("dinh-chinh/<int:number>/rut", views.withdraw, name="withdraw"),
    path("lam-viec/dinh-chinh", views.requests, name="list"),
    path("lam-viec/dinh-chinh/<int:number>", views.show, name="show"),
]
