"""`/quan-tri/truc-du-lieu/phoi-hop`: composed services, their versions and runs."""

from django.urls import path

from .views import declaring, looking

app_name = "flows"
_HERE = "quan-tri/truc-du-lieu/phoi-hop"
_FLOW = f"{_HERE}/dich-vu/<str:code>"
urlpatterns = [
    path(_HERE, looking.listing, name="list"),
    path(f"{_HERE}/khai-bao", declaring.declare, name="declare"),
    path(f"{_HERE}/lan-chay/<uuid:uid>", looking.run, name="run"),
    path(_FLOW, looking.show, name="show"),
    path(f"{_FLOW}/phien-ban", declaring.add_version, name="add_version"),
    path(f"{_FLOW}/sua", declaring.write, name="write"),
    path(f"{_FLOW}/cong-bo", declaring.publish, name="publish"),
    path(f"{_FLOW}/ngung", declaring.retire, name="retire"),
    path(f"{_FLOW}/chay", declaring.try_out, name="try"),
    path(f"{_FLOW}/cho-phep", declaring.permit, name="permit"),
]
