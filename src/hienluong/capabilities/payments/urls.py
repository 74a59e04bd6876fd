"""`/thanh-toan/…` and the accountant's pages; the bank's door is in :mod:`.api`."""

from django.urls import path

from . import staff_views, views

app_name = "payments"
urlpatterns = [
    path("thanh-toan/<str:reference>", views.pay, name="pay"),
    path("thanh-toan/<str:reference>/trang-thai", views.state, name="state"),
    path("thanh-toan/<str:reference>/bien-lai", views.receipt, name="receipt"),
    path("thanh-toan/<str:reference>/cong", views.checkout, name="checkout"),
    path("thanh-toan/<str:reference>/ve", views.returned, name="returned"),
    path("thanh-toan/<str:reference>/hoan", staff_views.refund, name="refund"),
    path("thanh-toan/<str:reference>/da-hoan", staff_views.refunded, name="refunded"),
    path("lam-viec/doi-soat", staff_views.reconcile, name="reconcile"),
    path("lam-viec/doi-soat/sao-ke", staff_views.fetch, name="fetch"),
    path("lam-viec/doi-soat/chenh-lech", staff_views.differences, name="differences"),
    path("lam-viec/doi-soat/chenh-lech/<int:pk>", staff_views.difference, name="difference"),
    path("lam-viec/doi-soat/tai-khoan", staff_views.receiving, name="accounts"),
]
