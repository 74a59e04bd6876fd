"""Sign in and out, language, theme."""

from django.urls import path

from . import audit_views, explain_views, views

app_name = "identity"
urlpatterns = [
    path("dang-nhap", views.enter, name="sign_in"),
    path("dang-xuat", views.leave, name="sign_out"),
    path("ngon-ngu", views.choose_language, name="language"),
    path("giao-dien", views.choose_theme, name="theme"),
    path("quan-tri/nhat-ky", audit_views.show, name="audit"),
    path("quan-tri/giai-thich", explain_views.show, name="explain"),
]
