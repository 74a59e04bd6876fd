"""The provider: where systems sign people in."""

from django.urls import path

from . import authorising, endpoints, leaving

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
]
