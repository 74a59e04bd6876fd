"""The small province with the registers of food safety, filled with what the demo shows."""

from __future__ import annotations

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers.models import Register
from hienluong.house.demo import Progress, food
from hienluong.services.procedures import packs
from tests.capabilities.registers.sample import official
from tests.services.dossiers.province import Province

FOLDER = next(folder for folder in packs.shipped_folders() if folder.name == "food_safety")


class Health:
    """The province; its first department keeps the registers, `inspector` works there."""

    def __init__(self) -> None:
        self.province = Province()
        self.owner, self.inspector = self.province.agency_one, self.province.asked
        self.pack = packs.load(FOLDER)
        chief = official(self.owner, "define", "read", "write")
        for _file, spec in self.pack.registers:
            registers.install(chief, spec=spec, owner=self.owner, pack="health.food_safety")
        food.food(Progress(0, lambda rows, _count: iter(rows)))

    def register(self, code: str) -> Register:
        return Register.objects.get(code=code)
