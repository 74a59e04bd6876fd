from django.apps import AppConfig


class HouseholdConfig(AppConfig):
    name = "hienluong.sectors.business.household"
    label = "household"
    verbose_name = "Hộ kinh doanh"

    def ready(self) -> None:
        from hienluong.services.procedures import sector_checks

        from . import checks

        sector_checks.register("business.household.founding", checks.founding)
        sector_checks.register("business.household.changing", checks.changing)
        sector_checks.register("business.household.pausing", checks.pausing)
        sector_checks.register("business.household.closing", checks.closing)
        sector_checks.register("business.household.reissuing", checks.reissuing)
