"""`/quan-tri/xuong-khai-bao`: building packs."""

from django.urls import path

from . import procedure_urls
from .views import drafts, history, sources

app_name = "building"
urlpatterns = [
    path("", drafts.listing, name="drafts"),
    path("moi", drafts.begin, name="begin"),
    path("tu-tep", drafts.bring, name="bring"),
    path("tu-goi", drafts.copy, name="copy"),
    path("<str:name>", drafts.show, name="show"),
    path("<str:name>/thong-tin", drafts.manifest, name="manifest"),
    path("<str:name>/cai-dat", drafts.install, name="install"),
    path("<str:name>/tai-ve", drafts.download, name="download"),
    path("<str:name>/hoan-tac", history.undo, name="undo"),
    path("<str:name>/lam-lai", history.redo, name="redo"),
    path("<str:name>/lich-su", history.listing, name="history"),
    path("<str:name>/so-sanh", history.compare, name="compare"),
    path("<str:name>/tro-lai/<int:number>", history.restore, name="restore"),
    path("<str:name>/tep-moi", sources.add, name="new_file"),
    path("<str:name>/tep/<path:file>", sources.source, name="source"),
]
urlpatterns += procedure_urls.urlpatterns
