"""`/quan-tri/xuong-khai-bao`: building packs."""

from django.urls import path

from . import procedure_urls
from .views import codelists, drafts, history, register_fields, register_parts, register_trial, sources

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
    path("<str:name>/co-so-du-lieu", register_fields.add, name="new_register"),
    path("<str:name>/co-so-du-lieu/<str:stem>", register_fields.show, name="register"),
    path("<str:name>/co-so-du-lieu/<str:stem>/truong", register_fields.trial, name="field_trial"),
    path("<str:name>/co-so-du-lieu/<str:stem>/thong-tin", register_parts.about, name="register_about"),
    path("<str:name>/co-so-du-lieu/<str:stem>/danh-sach", register_parts.lists, name="register_lists"),
    path("<str:name>/co-so-du-lieu/<str:stem>/quyen", register_parts.access, name="register_access"),
    path("<str:name>/co-so-du-lieu/<str:stem>/quy-tac", register_parts.rules, name="register_rules"),
    path(
        "<str:name>/co-so-du-lieu/<str:stem>/giay-chung-nhan", register_parts.certificate, name="register_certificate"
    ),
    path("<str:name>/co-so-du-lieu/<str:stem>/xem-thu", register_trial.trial, name="register_trial"),
    path("<str:name>/co-so-du-lieu/<str:stem>/phien-ban", register_trial.version, name="register_version"),
    path("<str:name>/danh-muc", codelists.add, name="new_codelist"),
    path("<str:name>/danh-muc/<str:stem>", codelists.show, name="codelist"),
    path("<str:name>/tep-moi", sources.add, name="new_file"),
    path("<str:name>/tep/<path:file>", sources.source, name="source"),
]
urlpatterns += procedure_urls.urlpatterns
