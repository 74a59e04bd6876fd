"""Signing in beyond the password, and one's own security."""

from django.urls import path

from . import factor_views, views

app_name = "signin"
urlpatterns = [
    path("dang-nhap/khoa-truy-cap", views.passkey, name="passkey"),
    path("dang-nhap/khoa-truy-cap/thach-thuc", views.passkey_options, name="passkey_options"),
    path("tai-khoan/xac-nhan", views.confirm, name="confirm"),
    path("tai-khoan/bao-mat", factor_views.security, name="security"),
    path("tai-khoan/bao-mat/khoa-truy-cap", factor_views.add_passkey, name="add_passkey"),
    path("tai-khoan/bao-mat/khoa-truy-cap/<int:pk>", factor_views.rename_passkey, name="rename_passkey"),
    path("tai-khoan/bao-mat/bo/<int:pk>", factor_views.remove, name="remove"),
    path("tai-khoan/bao-mat/ung-dung", factor_views.use_codes_app, name="codes_app"),
    path("tai-khoan/bao-mat/ma-du-phong", factor_views.recovery_codes, name="recovery_codes"),
    path("tai-khoan/bao-mat/phien/<int:pk>/dang-xuat", factor_views.end_session, name="end_session"),
    path("tai-khoan/bao-mat/phien/dang-xuat", factor_views.end_other_sessions, name="end_other_sessions"),
    path("tai-khoan/bao-mat/thiet-bi-moi/<int:pk>", factor_views.new_browser, name="new_browser"),
    path("tai-khoan/bao-mat/thiet-bi-moi/<int:pk>/khong-phai-toi", factor_views.disown_browser, name="disown_browser"),
    path("quan-tri/tai-khoan/<int:pk>/yeu-to", factor_views.reset, name="reset"),
]
