from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "hienluong.foundation.audit"
    label = "audit"
    verbose_name = "Nhật ký kiểm toán"
