"""The counter: accounts of citizens, representatives of enterprises."""

from django.urls import path

from . import views

app_name = "counter"
urlpatterns = [
    path("tai-quay", views.home, name="home"),
    path("tai-quay/mo-tai-khoan", views.register, name="register"),
    path("tai-quay/khoi-phuc", views.recover, name="recover"),
    path("tai-quay/nguoi-dai-dien", views.represent, name="represent"),
]
