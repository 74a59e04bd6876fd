"""Sign in and out, one's own choices, and the administration of officials, accounts and roles."""

from django.urls import path

from . import account_views, audit_views, explain_views, official_views, own_views, views

app_name = "identity"
urlpatterns = [
    path("dang-nhap", views.enter, name="sign_in"),
    path("dang-xuat", views.leave, name="sign_out"),
    path("ngon-ngu", views.choose_language, name="language"),
    path("giao-dien", views.choose_theme, name="theme"),
    path("quan-tri/nhat-ky", audit_views.show, name="audit"),
    path("quan-tri/giai-thich", explain_views.show, name="explain"),
    path("quan-tri/can-bo", official_views.listing, name="officials"),
    path("quan-tri/can-bo/them", official_views.create, name="new_official"),
    path("quan-tri/can-bo/<str:code>", official_views.show, name="official"),
    path("quan-tri/can-bo/<str:code>/bo-nhiem", official_views.appoint, name="appoint"),
    path("quan-tri/can-bo/<str:code>/uy-quyen", own_views.delegate, name="delegate_for"),
    path("quan-tri/can-bo/<str:code>/tai-khoan", account_views.open_for_official, name="open_account"),
    path("quan-tri/can-bo/<str:code>/sua", official_views.change, name="change_official"),
    path("quan-tri/chuc-vu/<int:pk>/sua", official_views.change_post, name="change_post"),
    path("quan-tri/chuc-vu/<int:pk>/ket-thuc", official_views.end_post, name="end_post"),
    path("quan-tri/tai-khoan", account_views.listing, name="accounts"),
    path("quan-tri/tai-khoan/<int:pk>", account_views.show, name="account"),
    path("quan-tri/tai-khoan/<int:pk>/mat-khau", account_views.reset_password, name="reset_password"),
    path("quan-tri/tai-khoan/<int:pk>/khoa", account_views.deactivate, name="deactivate"),
    path("quan-tri/tai-khoan/<int:pk>/mo-lai", account_views.reactivate, name="reactivate"),
    path("quan-tri/tai-khoan/<int:pk>/vai-tro", account_views.grant, name="grant"),
    path("quan-tri/vai-tro", account_views.roles, name="roles"),
    path("quan-tri/vai-tro-da-giao/<int:pk>/thu-hoi", account_views.revoke, name="revoke"),
    path("tai-khoan/mat-khau", own_views.change_password, name="change_password"),
    path("tai-khoan/uy-quyen", own_views.delegations, name="delegations"),
    path("tai-khoan/uy-quyen/moi", own_views.delegate, name="delegate"),
    path("tai-khoan/uy-quyen/<int:pk>/thu-hoi", own_views.revoke_delegation, name="revoke_delegation"),
]
