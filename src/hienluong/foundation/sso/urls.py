"""The provider: where systems sign people in."""

from django.urls import path

from . import authorising, endpoints, leaving, registry_views

app_name = "sso"
urlpatterns = [
    path(".well-known/openid-configuration", endpoints.configuration, name="configuration"),
    path("sso/khoa.json", endpoints.jwks, name="jwks"),
    path("sso/dang-nhap", authorising.authorize, name="authorize"),
    path("sso/yeu-cau", endpoints.push, name="push"),
    path("sso/ma", endpoints.token, name="token"),
    path("sso/nguoi-dung", endpoints.userinfo, name="userinfo"),
    path("sso/kiem-tra", endpoints.introspect, name="introspect"),
    path("sso/thu-hoi", endpoints.revoke, name="revoke"),
    path("sso/dang-xuat", leaving.logout, name="logout"),
    path("quan-tri/he-thong-ket-noi", registry_views.listing, name="systems"),
    path("quan-tri/he-thong-ket-noi/them", registry_views.create, name="new_system"),
    path("quan-tri/he-thong-ket-noi/<str:pk>", registry_views.show, name="system"),
    path("quan-tri/he-thong-ket-noi/<str:pk>/mat-khau", registry_views.new_secret, name="new_secret"),
    path("quan-tri/he-thong-ket-noi/<str:pk>/ngung", registry_views.disable, name="disable"),
    path("quan-tri/he-thong-ket-noi/<str:pk>/ket-noi-lai", registry_views.enable, name="enable"),
    path("tai-khoan/he-thong", registry_views.consents, name="consents"),
    path("tai-khoan/he-thong/<int:pk>/rut", registry_views.withdraw, name="withdraw"),
]
