"""`/lam-viec/van-ban/`: what an agency issues (`di`), and what stays in the house (`noi-bo`)."""

from django.urls import path

from .views.outgoing import books, lists, show, verbs, writing

app_name = "outgoing"
urlpatterns = [
    path("di", lists.home, name="home"),
    path("di/hang/<slug:tray>", lists.tray, name="tray"),
    path("di/da-phat-hanh", lists.issued, name="issued"),
    path("noi-bo", lists.internal, name="internal"),
    path("di/moi", writing.begin, name="begin"),
    path("di/cung-luc/<slug:verb>", verbs.batch, name="batch"),
    path("di/sao/<uuid:uid>", verbs.copy_received, name="copy"),
    path("di/so", books.register, name="register"),
    path("di/so/giu", books.reserve, name="reserve"),
    path("di/so/<int:number>/bo", books.void, name="void"),
    path("di/thong-ke", books.statistics, name="statistics"),
    path("di/the-thuc/<int:agency>", books.letterhead, name="letterhead"),
    path("di/<int:document>", show.show, name="show"),
    path("di/<int:document>/soan", writing.write, name="write"),
    path("di/<int:document>/luu-tam", writing.keep, name="keep"),
    path("di/<int:document>/bo-luu-tam", writing.drop, name="drop"),
    path("di/<int:document>/xem-truoc", writing.preview, name="preview"),
    path("di/<int:document>/thong-tin", writing.set_out, name="set_out"),
    path("di/<int:document>/du-thao.pdf", show.draft_pdf, name="draft_pdf"),
    path("di/<int:document>/ban/<int:number>", show.version, name="version"),
    path("di/<int:document>/ban/<int:number>/trang/<int:page>", show.draft_page, name="draft_page"),
    path("di/<int:document>/viec/<slug:verb>", verbs.act, name="act"),
    path("di/<int:document>/viec/<slug:verb>/<int:pk>", verbs.small, name="small"),
]
