"""`/xac-minh`, and the doors of the demo's own authorities."""

from django.urls import path

from . import ocsp, revocation, timestamp_views, trust_views, views

app_name = "signing"
urlpatterns = [
    path("xac-minh", views.verify, name="verify"),
    path("xac-minh/<str:token>", views.issued, name="issued"),
    path("quan-tri/chung-thu-goc", trust_views.anchors, name="anchors"),
    path("quan-tri/chung-thu-goc/them", trust_views.add, name="add_anchor"),
    path("quan-tri/chung-thu-goc/<str:fingerprint>/thoi", trust_views.withdraw, name="withdraw_anchor"),
    path("tsa", timestamp_views.serve, name="tsa"),
    path("pki/<slug:name>.crl", revocation.serve_list, name="crl"),
    path("pki/<slug:name>.ocsp", ocsp.serve, name="ocsp"),
    path("pki/<slug:name>.ocsp/<path:asked>", ocsp.serve, name="ocsp_get"),
    path("pki/<slug:name>.cer", revocation.serve_certificate, name="certificate"),
]
