"""Reviews of powers, and powers taken in an emergency."""

from django.urls import path

from . import emergency_views, review_views

app_name = "powers"
urlpatterns = [
    path("quan-tri/xac-nhan-quyen", review_views.campaigns, name="campaigns"),
    path("quan-tri/xac-nhan-quyen/quy-tac", review_views.set_rules, name="rules"),
    path("quan-tri/xac-nhan-quyen/mo", review_views.open_now, name="open"),
    path("quan-tri/xac-nhan-quyen/<int:pk>", review_views.campaign, name="campaign"),
    path("quan-tri/xac-nhan-quyen/<int:pk>/bao-cao", review_views.report, name="report"),
    path("quan-tri/xac-nhan-quyen/<int:pk>/xuat", review_views.export, name="export"),
    path("quan-tri/quyen-tam-dung", review_views.suspensions, name="suspensions"),
    path("quan-tri/quyen-tam-dung/<int:pk>/bo", review_views.lift, name="lift"),
    path("quan-tri/quyen-khan-cap", emergency_views.listing, name="emergencies"),
    path("quan-tri/quyen-khan-cap/nhan", emergency_views.take, name="take"),
    path("quan-tri/quyen-khan-cap/<int:pk>", emergency_views.show, name="emergency"),
    path("quan-tri/quyen-khan-cap/<int:pk>/tra", emergency_views.give_back, name="give_back"),
]
