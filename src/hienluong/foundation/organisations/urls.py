"""The government on any date."""

from django.urls import path

from . import views

app_name = "organisations"
urlpatterns = [
    path("quan-tri/co-quan", views.tree, name="tree"),
    path("quan-tri/co-quan/<str:code>", views.show, name="show"),
]
