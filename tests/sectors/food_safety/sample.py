"""The small province with the registers of food safety, filled with what the demo shows."""

from __future__ import annotations

from collections.abc import Callable

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers.models import Record, Register
from hienluong.capabilities.registers.queries import as_of
from hienluong.capabilities.scoring import installing as scoring
from hienluong.house.demo import Progress, food
from hienluong.house.demo.people import SYSTEM
from hienluong.services.dossiers.charging import lines_for
from hienluong.services.procedures import packs
from hienluong.services.procedures.models import ProcedureVersion
from hienluong.services.procedures.spec import ProcedureSpec
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
        for _file, form in self.pack.scoring:
            scoring.install(SYSTEM, spec=form, owner=self.owner, pack="health.food_safety")
        food.food(Progress(0, lambda rows, _count: iter(rows)))

    def register(self, code: str) -> Register:
        return Register.objects.get(code=code)

    def premises(self, name: str) -> Record:
        """Premises by their name."""
        found = as_of(self.register("food.premises")).get(data__title=name)
        return found.record

    def spec(self, file: str) -> ProcedureSpec:
        """A procedure of the pack, by its file."""
        return next(one.spec for one in self.pack.procedures if one.file.endswith(file))

    def procedure(self, file: str = "1.002425.yaml") -> ProcedureVersion:
        """The procedure of the pack, published in the small province, once."""
        spec = self.spec(file)
        found = ProcedureVersion.objects.filter(procedure__code=spec.code).first()
        return found or self.province.publish(
            spec.code, **spec.model_dump(mode="json", by_alias=True, exclude={"code"})
        )

    def fees(self, file: str) -> Callable[[str, int], int]:
        """What a first certificate costs by kind and meals, under a version of the procedure."""
        charges = self.spec(file).charges

        def costs(kind: str, meals: int) -> int:
            lines = lines_for(charges, "on_filing", {"request": "new", "kind": kind, "meals": meals}, "online")
            return sum(int(line["amount"]) for line in lines)

        return costs
