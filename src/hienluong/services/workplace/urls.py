"""`/lam-viec/`: the workplace of officials."""

from django.urls import path

from .views import bulk, correcting, counter, dossier, lists, saved, viewing

app_name = "workplace"
urlpatterns = [
    path("", lists.inbox, name="inbox"),
    path("tra-cuu", lists.search, name="search"),
    path("tra-ket-qua", lists.to_return, name="to_return"),
    path("so-theo-doi", lists.register, name="register"),
    path("nhieu-ho-so", bulk.bulk, name="bulk"),
    path("bo-loc", saved.save_view, name="save_view"),
    path("bo-loc/<int:view_id>", saved.change_view, name="change_view"),
    path("lap-ho-so", counter.choose, name="file"),
    path("lap-ho-so/dang-lap/<uuid:draft_id>", counter.go_on, name="file_draft"),
    path("lap-ho-so/dang-lap/<uuid:draft_id>/bo", counter.discard, name="discard_counter_draft"),
    path("lap-ho-so/<str:procedure>", counter.file, name="file_procedure"),
    path("lap-ho-so/<str:procedure>/luu", counter.keep, name="keep_counter_draft"),
    path("y-kien/<int:opinion_id>", dossier.opinion, name="opinion"),
    path("ho-so/<str:code>", dossier.show, name="dossier"),
    path("ho-so/<str:code>/da-tiep-nhan", viewing.received, name="received"),
    path("ho-so/<str:code>/giay/<int:paper_id>", viewing.paper, name="paper"),
    path("ho-so/<str:code>/phieu-kiem-soat", viewing.control_sheet, name="control_sheet"),
    path("ho-so/<str:code>/du-thao", viewing.draft_preview, name="draft"),
    path("ho-so/<str:code>/du-thao/<int:page>", viewing.draft_page, name="draft_page"),
    path("ho-so/<str:code>/so-hoa", dossier.digitise, name="digitise"),
    path("ho-so/<str:code>/sua-don", correcting.correct, name="correct"),
    path("ho-so/<str:code>/thu-tien", dossier.take_cash, name="take_cash"),
    path("ho-so/<str:code>/viec/<str:verb>", dossier.act, name="act"),
]
