"""`/lam-viec/cham-diem/`: assessments by scoring forms, and the page of a phone without network."""

from django.urls import path

from .views import doing, lists, offline, syncing

app_name = "assessments"
urlpatterns = [
    path("", lists.assessments, name="list"),
    path("bat-dau", doing.begin, name="begin"),
    path("ngoai-tuyen", offline.page, name="offline"),
    path("ngoai-tuyen.js", offline.worker, name="worker"),
    path("phien", syncing.session, name="session"),
    path("mang-theo", syncing.forms, name="take_forms"),
    path("bat-dau-tren-may", syncing.begin, name="begin_on_phone"),
    path("<uuid:assessment>", lists.show, name="show"),
    path("<uuid:assessment>/cham", doing.do, name="do"),
    path("<uuid:assessment>/chon", doing.choose, name="choose"),
    path("<uuid:assessment>/viec/<str:verb>", doing.act, name="act"),
    path("<uuid:assessment>/du-lieu", syncing.data, name="data"),
    path("<uuid:assessment>/tra-loi", syncing.answer, name="answer"),
    path("<uuid:assessment>/chon-mot", syncing.choose, name="choose_one"),
    path("<uuid:assessment>/anh/<uuid:photo>", syncing.announce, name="photo"),
    path("<uuid:assessment>/anh/<uuid:photo>/phan", syncing.part, name="photo_part"),
]
