"""`/lam-viec/van-ban/`: official documents."""

from django.urls import path

from .views import books, incoming, mailbox, searching, taking_in

app_name = "documents"
urlpatterns = [
    path("tim", searching.search, name="search"),
    path("den/", incoming.inbox, name="inbox"),
    path("den/them", taking_in.take_in, name="take_in"),
    path("den/so", books.book, name="incoming_book"),
    path("den/thong-ke", books.figures, name="incoming_figures"),
    path("den/hop-thu", mailbox.held, name="mailbox"),
    path("den/hop-thu/<int:pk>/thu-lai", mailbox.retry, name="mail_retry"),
    path("den/hop-thu/<int:pk>/thu", mailbox.raw, name="mail_raw"),
    path("den/hop-thu/<int:pk>/xong", mailbox.settle, name="mail_settle"),
    path("den/<uuid:uid>", incoming.show, name="incoming"),
    path("den/<uuid:uid>/viec/<str:verb>", incoming.act, name="incoming_act"),
    path("den/<uuid:uid>/thoi-chia-se/<int:official>", incoming.unshare, name="unshare"),
]
