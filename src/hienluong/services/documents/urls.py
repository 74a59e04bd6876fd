"""`/lam-viec/van-ban/`: official documents."""

from django.urls import path

from .views import books, incoming, searching, taking_in

app_name = "documents"
urlpatterns = [
    path("tim", searching.search, name="search"),
    path("den/", incoming.inbox, name="inbox"),
    path("den/them", taking_in.take_in, name="take_in"),
    path("den/so", books.book, name="incoming_book"),
    path("den/thong-ke", books.figures, name="incoming_figures"),
    path("den/<uuid:uid>", incoming.show, name="incoming"),
    path("den/<uuid:uid>/viec/<str:verb>", incoming.act, name="incoming_act"),
    path("den/<uuid:uid>/thoi-chia-se/<int:official>", incoming.unshare, name="unshare"),
]
