"""`/xac-minh`, and the doors of the demo's own authorities."""

from django.urls import path

from . import key_views, ocsp, revocation, signing_views, timestamp_views, trust_views, views

app_name = "signing"
urlpatterns = [
    path("xac-minh", views.verify, name="verify"),
    path("xac-minh/<str:token>", views.issued, name="issued"),
    path("quan-tri/chung-thu-goc", trust_views.anchors, name="anchors"),
    path("quan-tri/chung-thu-goc/them", trust_views.add, name="add_anchor"),
    path("quan-tri/chung-thu-goc/<str:fingerprint>/thoi", trust_views.withdraw, name="withdraw_anchor"),
    path("lam-viec/ky-so", signing_views.waiting, name="waiting"),
    path("lam-viec/ky-so/xac-nhan", signing_views.confirm, name="confirm"),
    path("lam-viec/ky-so/tien-do", signing_views.progress, name="progress"),
    path("lam-viec/ky-so/khoa", key_views.mine, name="keys"),
    path("lam-viec/ky-so/khoa/tu-xa", key_views.enrol_own, name="enrol_own"),
    path("lam-viec/ky-so/khoa/hinh", key_views.picture, name="picture"),
    path("lam-viec/ky-so/khoa/<int:number>/thoi", key_views.retire, name="retire_key"),
    path("lam-viec/ky-so/<uuid:request_id>", signing_views.document, name="document"),
    path("lam-viec/ky-so/<uuid:request_id>/trang/<int:number>", signing_views.document_page, name="document_page"),
    path("lam-viec/ky-so/<uuid:request_id>/tep", signing_views.document_file, name="document_file"),
    path("quan-tri/khoa-ky-so", key_views.all_keys, name="all_keys"),
    path("quan-tri/khoa-ky-so/them", key_views.enrol, name="enrol"),
    path("quan-tri/khoa-ky-so/con-dau/<str:code>", key_views.picture, name="seal_picture"),
    path("tsa", timestamp_views.serve, name="tsa"),
    path("pki/<slug:name>.crl", revocation.serve_list, name="crl"),
    path("pki/<slug:name>.ocsp", ocsp.serve, name="ocsp"),
    path("pki/<slug:name>.ocsp/<path:asked>", ocsp.serve, name="ocsp_get"),
    path("pki/<slug:name>.cer", revocation.serve_certificate, name="certificate"),
]
