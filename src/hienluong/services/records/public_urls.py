"""`/co-so-du-lieu`: what anybody may look up in the registers."""

from django.urls import path

from .views import public

app_name = "registry"
urlpatterns = [
    path("", public.registers, name="registers"),
    path("<str:code>", public.records, name="records"),
    path("<str:code>/<int:record>", public.record, name="record"),
]
