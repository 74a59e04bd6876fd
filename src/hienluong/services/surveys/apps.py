from django.apps import AppConfig


class SurveysConfig(AppConfig):
    name = "hienluong.services.surveys"
    label = "surveys"
    verbose_name = "Khảo sát hài lòng"
