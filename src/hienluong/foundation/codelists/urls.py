"""Code lists."""

from django.urls import path

from . import manage_views, table_views, views

app_name = "codelists"
urlpatterns = [
    path("quan-tri/danh-muc", views.overview, name="overview"),
    path("quan-tri/danh-muc/ma/<int:pk>/dong", manage_views.close, name="close"),
    path("quan-tri/danh-muc/ma/<int:pk>/sua", manage_views.correct, name="correct"),
    path("quan-tri/danh-muc/<str:code>", views.show, name="show"),
    path("quan-tri/danh-muc/<str:code>/them", manage_views.add, name="add"),
    path("quan-tri/danh-muc/<str:code>/bang", table_views.table, name="table"),
    path("quan-tri/danh-muc/<str:code>/nap", manage_views.bring, name="bring"),
    path("quan-tri/danh-muc/<str:code>/tai-ve", views.download, name="download"),
]
