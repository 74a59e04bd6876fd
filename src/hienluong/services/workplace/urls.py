"""`/lam-viec/`: the workplace of officials."""

from django.urls import path

from .views import counter, dossier, lists

app_name = "workplace"
urlpatterns = [
    path("", lists.inbox, name="inbox"),
    path("tra-cuu", lists.search, name="search"),
    path("tra-ket-qua", lists.to_return, name="to_return"),
    path("so-theo-doi", lists.register, name="register"),
    path("nhieu-ho-so", lists.bulk, name="bulk"),
    path("bo-loc", lists.save_view, name="save_view"),
    path("lap-ho-so", counter.choose, name="file"),
    path("lap-ho-so/dang-lap/<uuid:draft_id>", counter.go_on, name="file_draft"),
    path("lap-ho-so/dang-lap/<uuid:draft_id>/bo", counter.discard, name="discard_counter_draft"),
    path("lap-ho-so/<str:procedure>", counter.file, name="file_procedure"),
    path("lap-ho-so/<str:procedure>/luu", counter.keep, name="keep_counter_draft"),
    path("y-kien/<int:opinion_id>", dossier.opinion, name="opinion"),
    path("ho-so/<str:code>", dossier.show, name="dossier"),
    path("ho-so/<str:code>/da-tiep-nhan", dossier.received, name="received"),
    path("ho-so/<str:code>/giay/<int:paper_id>", dossier.paper, name="paper"),
    path("ho-so/<str:code>/phieu-kiem-soat", dossier.control_sheet, name="control_sheet"),
    path("ho-so/<str:code>/du-thao", dossier.draft_preview, name="draft"),
    path("ho-so/<str:code>/so-hoa", dossier.digitise, name="digitise"),
    path("ho-so/<str:code>/thu-tien", dossier.take_cash, name="take_cash"),
    path("ho-so/<str:code>/viec/<str:verb>", dossier.act, name="act"),
]
