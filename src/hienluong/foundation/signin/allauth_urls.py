"""Under the names by which allauth looks for them."""

from django.urls import path

from hienluong.foundation.identity.views import enter

from .views import second_step

urlpatterns = [
    path("dang-nhap/buoc-hai", second_step, name="mfa_authenticate"),
    path("dang-nhap", enter, name="account_login"),
]
