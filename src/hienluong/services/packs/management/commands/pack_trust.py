"""``manage.py pack_trust list|add|remove``: whose packs this installation takes."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hienluong.foundation.actions import DomainError, system
from hienluong.services.packs import actions, queries

from .pack import ACTOR


class Command(BaseCommand):
    """List, add and remove trusted signers."""

    help = "Người ký gói được tin cậy."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=("list", "add", "remove"))
        parser.add_argument("words", nargs="*")
        parser.add_argument("--reason", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options["words"], options["reason"])
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal

    def _list(self, words: list[str], reason: str) -> None:
        for signer in queries.signers():
            until = f" (thôi tin cậy {signer.removed_at:%d/%m/%Y})" if signer.removed_at else ""
            self.stdout.write(f"{signer.fingerprint}  {signer.name}{until}")

    def _add(self, words: list[str], reason: str) -> None:
        """``add NAME KEY``: the key itself, or a file that holds it."""
        if len(words) != 2:
            raise CommandError("cần tên người ký và khóa công khai (hoặc tệp chứa khóa)")
        file = Path(words[1])
        key = file.read_text("utf-8") if len(words[1]) < 200 and file.is_file() else words[1]
        signer = actions.trust(system(ACTOR), name=words[0], key=key)
        self.stdout.write(f"{signer.fingerprint}  {signer.name}")

    def _remove(self, words: list[str], reason: str) -> None:
        """``remove FINGERPRINT``: its beginning is enough when only one begins so."""
        begins = words[0] if len(words) == 1 else ""
        found = [
            one for one in queries.signers() if not one.removed_at and begins and one.fingerprint.startswith(begins)
        ]
        if len(found) != 1:
            raise CommandError("cần vân tay của đúng một người ký đang được tin cậy")
        actions.distrust(system(ACTOR), signer=found[0], reason=reason)
        self.stdout.write(f"Thôi tin cậy {found[0].name}")
