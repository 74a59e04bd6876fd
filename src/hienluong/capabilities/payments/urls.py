"""`/thanh-toan/…` and reconciliation; the bank's door is in :mod:`.api`."""

from django.urls import path

from . import views

app_name = "payments"
urlpatterns = [
    path("thanh-toan/<str:reference>", views.pay, name="pay"),
    path("thanh-toan/<str:reference>/trang-thai", views.state, name="state"),
    path("thanh-toan/<str:reference>/bien-lai", views.receipt, name="receipt"),
    path("thanh-toan/<str:reference>/cong", views.checkout, name="checkout"),
    path("thanh-toan/<str:reference>/ve", views.returned, name="returned"),
    path("thanh-toan/<str:reference>/hoan", views.refund, name="refund"),
    path("thanh-toan/<str:reference>/da-hoan", views.refunded, name="refunded"),
    path("lam-viec/doi-soat", views.reconcile, name="reconcile"),
]
