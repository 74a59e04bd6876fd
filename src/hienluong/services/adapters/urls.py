"""The pages where the IT officer watches over the national systems."""

from django.urls import path

from . import views

app_name = "adapters"
urlpatterns = [
    path("quan-tri/he-thong-quoc-gia", views.systems, name="list"),
    path("quan-tri/he-thong-quoc-gia/<str:code>", views.show, name="show"),
    path("quan-tri/he-thong-quoc-gia/<str:code>/hoi-lai", views.retry, name="retry"),
]
