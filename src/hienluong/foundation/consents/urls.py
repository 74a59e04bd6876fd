"""`/tai-khoan/dong-y`."""

from django.urls import path

from . import views

app_name = "consents"
urlpatterns = [
    path("tai-khoan/dong-y", views.mine, name="mine"),
    path("tai-khoan/dong-y/<int:pk>", views.one, name="one"),
    path("tai-khoan/dong-y/<str:code>/quyet-dinh", views.decide, name="decide"),
]
