"""The provider: where systems sign people in."""

from django.urls import path

from . import authorising, device_views, endpoints, engineer_views, leaving, registry_views

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
    path("sso/thiet-bi", endpoints.device, name="device"),
    path("sso/dang-xuat", leaving.logout, name="logout"),
    path("thiet-bi", device_views.enter, name="device_code"),
    path("thiet-bi/xac-nhan", device_views.confirm, name="device_confirm"),
    path("quan-tri/he-thong-ket-noi", registry_views.listing, name="systems"),
    path("quan-tri/he-thong-ket-noi/them", registry_views.create, name="new_system"),
    path("quan-tri/he-thong-ket-noi/<str:pk>", registry_views.show, name="system"),
    path("quan-tri/he-thong-ket-noi/<str:pk>/sua", registry_views.change, name="change_system"),
    path("quan-tri/he-thong-ket-noi/<str:pk>/mat-khau", registry_views.new_secret, name="new_secret"),
    path("quan-tri/he-thong-ket-noi/<str:pk>/ngung", registry_views.disable, name="disable"),
    path("quan-tri/he-thong-ket-noi/<str:pk>/ket-noi-lai", registry_views.enable, name="enable"),
    path("quan-tri/he-thong-ket-noi/<str:pk>/ky-su/them", engineer_views.add, name="add_engineer"),
    path("quan-tri/he-thong-ket-noi/<str:pk>/ky-su/<int:account>/bo", engineer_views.remove, name="remove_engineer"),
    path("ky-su", engineer_views.mine, name="engineer"),
    path("ky-su/<str:pk>", engineer_views.one, name="engineer_system"),
    path("ky-su/<str:pk>/mat-khau", engineer_views.new_secret, name="engineer_secret"),
    path("ky-su/<str:pk>/khoa", engineer_views.new_keys, name="engineer_keys"),
    path("tai-khoan/he-thong", registry_views.consents, name="consents"),
    path("tai-khoan/he-thong/<int:pk>/rut", registry_views.withdraw, name="withdraw"),
]
