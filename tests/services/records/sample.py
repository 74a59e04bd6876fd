"""The register of wells, kept by two communes of the small province."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.test import Client

from hienluong.capabilities.registers import actions
from hienluong.capabilities.registers.models import Record
from hienluong.foundation.actions import Actor
from hienluong.foundation.identity.models import Account
from tests.capabilities.registers.sample import GOOD, official, wells
from tests.services.dossiers.province import Province


class Kept:
    """The province, its department that owns the register, and the officers of two communes who keep it."""

    def __init__(self) -> None:
        self.province = Province()
        self.owner, self.here = self.province.agency_one, self.province.division
        self.officer, self.owner_officer = self.province.officer, self.province.asked
        self.there = self.province.other_division
        chief = official(self.owner, "define", "read", "write")
        self.definition = actions.install(chief, spec=wells(owner=self.owner.code), owner=self.owner)
        self.register = self.definition.register

    def add(self, code: str = "G001", since: date = date(2026, 1, 1), **data: Any) -> Record:
        given = {**GOOD, "code": code, "agency": self.here.code, **data}
        return actions.create(self.officer, register=self.register, data=given, since=since)

    def address(self, record: Record | None = None, page: str = "") -> str:
        return "/".join(
            filter(None, ("/lam-viec/co-so-du-lieu", self.register.code, str(record.pk) if record else "", page))
        )


def browser_of(actor: Actor) -> Client:
    """A browser signed in as this person."""
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client
