"""Getting back into an account."""

from django.urls import path

from . import admin_views, views

app_name = "recovery"
urlpatterns = [
    path("khoi-phuc", views.ways, name="ways"),
    path("khoi-phuc/bang-ma", views.ask, name="ask"),
    path("khoi-phuc/hai-ma", views.two_codes, name="codes"),
    path("khoi-phuc/chan/<slug:link>", views.stop, name="stop"),
    path("vao-tai-khoan", views.enter, name="enter"),
    path("vao-tai-khoan/dat-lai", views.set_way_in, name="set"),
    path("quan-tri/khoi-phuc", admin_views.listing, name="list"),
    path("quan-tri/khoi-phuc/<int:pk>", admin_views.decide, name="decide"),
    path("quan-tri/tai-khoan/<int:pk>/khoi-phuc", admin_views.ask, name="ask_for"),
]
