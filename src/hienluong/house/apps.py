from django.apps import AppConfig


class HouseConfig(AppConfig):
    name = "hienluong.house"
    label = "house"
    verbose_name = "Hiền Lương"
