"""The government on any date."""

from django.urls import path

from . import manage_views, views
from .maps import views as maps

app_name = "organisations"
urlpatterns = [
    path("ban-do/nen", maps.sheet, name="ground"),
    path("quan-tri/co-quan", views.tree, name="tree"),
    path("quan-tri/co-quan/lap-moi", manage_views.create, name="create"),
    path("quan-tri/co-quan/ban-giao", manage_views.succeed, name="succeed"),
    path("quan-tri/co-quan/<str:code>", views.show, name="show"),
    path("quan-tri/co-quan/<str:code>/doi-ten", manage_views.rename, name="rename"),
    path("quan-tri/co-quan/<str:code>/chuyen", manage_views.move, name="move"),
    path("quan-tri/co-quan/<str:code>/lien-he", manage_views.contacts, name="contacts"),
]
