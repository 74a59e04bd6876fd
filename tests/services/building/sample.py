"""A builder in the small province, and what a draft begins from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hienluong.foundation.actions import Actor
from hienluong.foundation.codelists import reading
from hienluong.foundation.codelists.actions import install
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.positions import parse
from hienluong.services.building import actions, files, register_operations, yaml_text
from hienluong.services.building.models import Draft
from tests.factories import TESTER, actor_for_role, make_org
from tests.foundation.codelists.sample import written

FILE = "registers/cho.yaml"
#: What a person writes in a new choice, and in a new number with a unit, by their kinds.
WRITTEN: dict[str, dict[str, Any]] = {
    "choice": {"enum": ["a", "b"], "x-enum-labels": {"a": "Chợ phiên", "b": "Chợ ngày"}},
    "quantity": {"x-units": ["m2"]},
}


@dataclass
class Workshop:
    """A draft with one register, who builds it, and an administrator of another house."""

    owner: Organization
    builder: Actor
    stranger: Actor
    officer: Actor
    draft: Draft

    def save(self, path: str, text: str, words: str = "Sửa") -> None:
        """Put a text into the draft as the builder."""
        self.draft.refresh_from_db()
        head = self.draft.head
        assert head is not None
        changed = {**files.of(head), path: text}
        actions.save(self.builder, draft=self.draft, files=changed, words=words, expected=head.pk)
        self.draft.refresh_from_db()

    def texts(self) -> dict[str, str]:
        """The texts that are worked on."""
        self.draft.refresh_from_db()
        assert self.draft.head is not None
        return files.of(self.draft.head)

    def definition(self) -> Any:
        """What the file of the register says."""
        return parse(self.texts()[FILE], FILE).value


def workshop() -> Workshop:
    """A draft of markets, owned by a department."""
    owner, other = make_org("Sở Công Thương"), make_org("Sở Y tế")
    builder = actor_for_role("admin", owner)
    draft = actions.begin(builder, name="thuongmai.cho", title="Chợ", owner=owner)
    register = register_operations.new_register("thuongmai.cho", "Chợ", owner.name, date(2026, 1, 1))
    made = Workshop(owner, builder, actor_for_role("admin", other), actor_for_role("officer", owner), draft)
    made.save(FILE, yaml_text.dump(register), "Thêm cơ sở dữ liệu")
    return made


def listed() -> None:
    """A code list of nobody's pack."""
    with TemporaryDirectory() as folder:
        install(TESTER, loaded=reading.load(written(Path(folder))), pack="thu.rung")
