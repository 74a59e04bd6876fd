"""Demo: Quảng Trị before and after 2025-07-01, its calendar, the roles, the code lists."""

from __future__ import annotations

from hienluong.foundation.actions import system
from hienluong.foundation.calendars.seed import load_viet_nam
from hienluong.foundation.codelists import shipped
from hienluong.foundation.identity import roles as role_catalogue
from hienluong.foundation.organisations.seed import load_quang_tri

from . import Progress


def organisations(progress: Progress) -> None:
    """The government of the province, past and present."""
    load_quang_tri()


def calendars(progress: Progress) -> None:
    """Office hours, public holidays, swapped days."""
    load_viet_nam()


def roles(progress: Progress) -> None:
    """The roles of the product with what each may do."""
    role_catalogue.seed()


def code_lists(progress: Progress) -> None:
    """The code lists that come with the product."""
    shipped.install_all(system("Nạp tỉnh trình diễn"))
