"""`/bao-vi-pham-du-lieu` for everybody, `/lam-viec/vi-pham-du-lieu` for those who handle breaches."""

from django.urls import path

from . import views

app_name = "breaches"
_ONE = "lam-viec/vi-pham-du-lieu/<str:code>"
urlpatterns = [
    path("bao-vi-pham-du-lieu", views.report, name="report"),
    path("bao-vi-pham-du-lieu/da-nhan", views.reported, name="reported"),
    path("lam-viec/vi-pham-du-lieu", views.register, name="register"),
    path(_ONE, views.show, name="show"),
    path(f"{_ONE}/danh-gia", views.assess, name="assess"),
    path(f"{_ONE}/bien-phap", views.measure, name="measure"),
    path(f"{_ONE}/giay/<str:kind>", views.paper, name="paper"),
    path(f"{_ONE}/co-quan-chuyen-trach", views.authority, name="authority"),
    path(f"{_ONE}/nguoi-bi-anh-huong", views.concerned, name="concerned"),
    path(f"{_ONE}/bao-nguoi-dan", views.persons, name="persons"),
    path(f"{_ONE}/cong-khai", views.public, name="public"),
    path(f"{_ONE}/dong", views.close, name="close"),
]
