from django.apps import AppConfig


class FoodSafetyConfig(AppConfig):
    name = "hienluong.sectors.health.food_safety"
    label = "food_safety"
    verbose_name = "An toàn thực phẩm"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from hienluong.foundation.actions import purposes
        from hienluong.services.procedures import sector_checks
        from hienluong.ui import navigation

        from . import checks, reading

        purposes.register("food_safety.investigating", _("Điều tra ngộ độc, truy xuất thực phẩm"), "food_safety")
        sector_checks.register("health.food_safety.self_declaration", checks.self_declaration)
        sector_checks.register("health.food_safety.renewal", checks.renewal)
        navigation.register(
            "staff",
            _("An toàn thực phẩm"),
            url_name="food_safety:home",
            order=61,
            visible=lambda request: reading.may_enter(request.actor),  # type: ignore[attr-defined]
        )
