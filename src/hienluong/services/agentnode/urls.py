"""`/quan-tri/truc-du-lieu/nut-dai-ly`: the national agent node."""

from django.urls import path

from . import views

app_name = "agentnode"
_BASE = "quan-tri/truc-du-lieu/nut-dai-ly"
urlpatterns = [
    path(_BASE, views.show, name="show"),
    path(f"{_BASE}/thu", views.try_out, name="try_out"),
    path(f"{_BASE}/phan-he", views.add_subsystem, name="add_subsystem"),
    path(f"{_BASE}/phan-he/<int:pk>/bo", views.end_subsystem, name="end_subsystem"),
    path(f"{_BASE}/goi-ra", views.add_passage, name="add_passage"),
    path(f"{_BASE}/goi-ra/<int:pk>/bo", views.drop_passage, name="drop_passage"),
    path(f"{_BASE}/goi-vao", views.add_offer, name="add_offer"),
    path(f"{_BASE}/goi-vao/<int:pk>/bo", views.drop_offer, name="drop_offer"),
]
