from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "hienluong.capabilities.workflow"
    label = "workflow"
    verbose_name = "Quy trình"
