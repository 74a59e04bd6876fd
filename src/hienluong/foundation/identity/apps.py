from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "hienluong.foundation.identity"
    label = "identity"
    verbose_name = "Tài khoản, quyền"
