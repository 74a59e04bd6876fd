"""What a new installation begins with: the province, its calendar, roles, rules and procedures, one administrator."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from hienluong.foundation.actions import system
from hienluong.foundation.calendars.seed import load_viet_nam
from hienluong.foundation.codelists import shipped as code_lists
from hienluong.foundation.identity import actions as identity
from hienluong.foundation.identity import roles
from hienluong.foundation.identity.models import Account, RoleGrant
from hienluong.foundation.organisations import queries
from hienluong.foundation.organisations.seed import load_quang_tri
from hienluong.services.packs import shipped as packs
from hienluong.services.procedures import rules

SYSTEM = system("hienluong setup")
ADMINISTRATOR = "admin"


@dataclass(frozen=True)
class FirstAdministrator:
    """An account just opened: its password is told once and kept nowhere."""

    username: str
    password: str


def run(username: str, say: Callable[[str], None]) -> FirstAdministrator | None:
    """Load what is missing and open the first administrator's account; None when there is an administrator already.

    Doing it again adds what a newer version brings and leaves what was changed here as it is.
    """
    loaded = load_quang_tri()
    say(f"Cơ quan: thêm {loaded.organisations}, {loaded.successions} việc bàn giao.")
    say(f"Lịch làm việc: thêm {load_viet_nam()} ngày nghỉ, ngày làm bù.")
    say(f"Vai trò: {len(roles.seed())}.")
    lists = code_lists.install_all(SYSTEM)
    say(f"Danh mục dùng chung: {len(lists.new)} ấn bản mới, {len(lists.changed)} đổi, {len(lists.same)} như cũ.")
    say(f"Quy định một cửa: {rules.load()} bộ mới hoặc đổi.")
    count, left_out = packs.install_all(SYSTEM)
    say(f"Thủ tục: {count} gói.")
    for fault in left_out:
        say(f"Chưa cài được: {fault}")
    return first_administrator(username)


@transaction.atomic
def first_administrator(username: str) -> FirstAdministrator | None:
    """An account that administers the whole province, with a one-time password; None when somebody does already."""
    province = queries.province()
    if RoleGrant.objects.filter(role_id=ADMINISTRATOR, organization=province, account__is_active=True).exists():
        return None
    known = Account.objects.filter(username=username.strip().lower()).first()
    account = known or identity.create_account(SYSTEM, username=username, display_name=username.strip())
    identity.grant_role(SYSTEM, account=account, role=ADMINISTRATOR, organization=province, reason="hienluong setup")
    password = identity.reset_password(SYSTEM, account=account, reason="hienluong setup")
    return FirstAdministrator(account.username, password)
