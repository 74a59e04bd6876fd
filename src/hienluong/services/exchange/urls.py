"""The pages of the records office and of the IT officer."""

from django.urls import path

from . import clerk_views, views

app_name = "exchange"
urlpatterns = [
    path("van-ban/lien-thong", clerk_views.sent, name="sent"),
    path("van-ban/lien-thong/<int:pk>/cap-nhat", clerk_views.update, name="update"),
    path("quan-tri/truc-van-ban", views.queue, name="queue"),
    path("quan-tri/truc-van-ban/bang.csv", views.table, name="table"),
    path("quan-tri/truc-van-ban/gui-lai", views.retry_all, name="retry_all"),
    path("quan-tri/truc-van-ban/<int:pk>/thoi-gui", views.give_up, name="give_up"),
    path("quan-tri/truc-van-ban/<int:pk>/gui-lai", views.retry, name="retry"),
    path("quan-tri/truc-van-ban/<int:pk>/giu-lai", views.hold, name="hold"),
    path("quan-tri/truc-van-ban/den/<int:pk>/doc-lai", views.read_again, name="read_again"),
    path("quan-tri/truc-van-ban/den/<int:pk>/nhan", views.let_in, name="let_in"),
    path("quan-tri/truc-van-ban/den/<int:pk>/tu-choi", views.turn_away, name="turn_away"),
    path("quan-tri/truc-van-ban/den/<int:pk>/goi-tin", views.raw, name="raw"),
]
