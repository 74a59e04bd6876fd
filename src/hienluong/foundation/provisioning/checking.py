"""What a sheet would do, before it does anything: each row looked at with a constant number of queries for all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor
from hienluong.foundation.files import tables
from hienluong.foundation.identity import actions as identity
from hienluong.foundation.identity.models import Account, Role
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations import codes
from hienluong.foundation.organisations.actions.given import FIRST_DAY, LAST_DAY
from hienluong.foundation.organisations.models import Official, Organization, Position
from hienluong.foundation.search.text import fold

from .columns import BY_NAME
from .models import SheetRow

Plan = SheetRow.Plan
_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,29}", re.ASCII)
_USERNAME = re.compile(r"[\w.@+-]{1,150}")
_LONGEST = {"full_name": 100, "title": 120, "phone": 20, "email": 254}
_YES, _NO = {"", "co", "x", "1", "yes", "true", "dung"}, {"khong", "0", "no", "false", "sai"}


@dataclass
class Person:
    """A row in our terms: an official, one post, the name to sign in with."""

    code: str = ""
    full_name: str = ""
    email: str = ""
    phone: str = ""
    organization: Organization | None = None
    title: str = ""
    role: str = ""
    is_primary: bool = True
    valid_from: date | None = None
    valid_to: date | None = None  # the first day without the post
    username: str = ""


@dataclass
class Seen:
    """One row looked at: what it means, what it would do, what is wrong in which column."""

    person: Person
    plan: str = Plan.NEW
    faults: list[tuple[str, str]] = field(default_factory=list)


class Checker:
    """What rows are held against: read once for all rows."""

    def __init__(self, actor: Actor, rows: Sequence[dict[str, str]], *, invites: bool) -> None:
        self.actor, self.invites = actor, invites
        self.today = timezone.localdate()
        wanted = {row.get("code", "").strip().upper() for row in rows}
        self.officials = {each.code: each for each in Official.objects.filter(code__in=wanted)}
        self.posts: dict[int, list[Position]] = {}
        for post in Position.objects.filter(official__code__in=wanted).select_related("organization"):
            self.posts.setdefault(post.official_id, []).append(post)
        accounts: QuerySet[Account] = Account.objects.select_related("official")
        held = accounts.filter(official__code__in=wanted)
        self.accounts = {each.official.code: each for each in held if each.official}
        names = {self._username(row).lower() for row in rows}
        taken = accounts.filter(username__in=names)
        self.taken = {each.username: each.official.code if each.official else "" for each in taken}
        self.organisations: dict[str, Organization] = {}
        self.named: dict[str, list[Organization]] = {}
        for org in Organization.objects.all():
            self.organisations[org.code] = org
            self.named.setdefault(fold(org.name), []).append(org)
        self.roles = {key: role.code for role in Role.objects.all() for key in (fold(role.code), fold(role.name))}
        self.appoints = actor.paths_with(organisations.APPOINT)
        self.manages = actor.paths_with(identity.MANAGE)
        self._first: dict[str, tuple[int, Person]] = {}
        self._spans: dict[tuple[str, int, str], list[tuple[int, date, date | None]]] = {}
        self._usernames: dict[str, str] = {}

    def look(self, number: int, row: dict[str, str]) -> Seen:
        """What is wrong with a row, and what it would do."""
        seen = Seen(Person())
        person, faults = seen.person, seen.faults
        for name, column in BY_NAME.items():
            text = " ".join(row.get(name, "").split())
            if column.required and not text:
                faults.append((name, _("Chưa điền.")))
            elif most := _LONGEST.get(name):
                if len(text) > most:
                    faults.append((name, _("Dài nhất %(count)d ký tự.") % {"count": most}))
                setattr(person, name, text)
        person.code = row.get("code", "").strip().upper()
        if person.code and not _CODE.fullmatch(person.code):
            faults.append(("code", _("Mã cán bộ gồm chữ không dấu, chữ số và dấu gạch nối, từ 2 đến 30 ký tự.")))
        self._check_email(seen)
        self._check_days(seen, row)
        self._check_post(seen, row)
        self._check_account(seen, row)
        self._check_sheet(seen, number)
        seen.plan = Plan.FAULTY if faults else self._plan(person)
        return seen

    def _check_email(self, seen: Seen) -> None:
        if not seen.person.email:
            return
        try:
            validate_email(seen.person.email)
        except ValidationError:
            seen.faults.append(("email", _("Không phải địa chỉ thư điện tử.")))

    def _check_days(self, seen: Seen, row: dict[str, str]) -> None:
        person = seen.person
        for name in ("valid_from", "valid_to"):
            try:
                found = tables.day(row.get(name, ""))
            except ValueError:
                seen.faults.append((name, _("Viết ngày như 26/11/2026.")))
                continue
            if found and not FIRST_DAY <= found < LAST_DAY:
                seen.faults.append((name, _("Chọn ngày trong khoảng 1945–2100.")))
                continue
            setattr(person, name, found)
        if person.valid_to:
            person.valid_to += timedelta(days=1)  # the sheet says the last day, we keep the first day without
        if person.valid_from and person.valid_to and person.valid_to <= person.valid_from:
            seen.faults.append(("valid_to", _("Ngày kết thúc phải sau ngày bắt đầu.")))

    def _check_post(self, seen: Seen, row: dict[str, str]) -> None:
        person = seen.person
        if role := row.get("role", "").strip():
            person.role = self.roles.get(fold(role), "")
            if not person.role:
                seen.faults.append(("role", _("Không có vai trò này.")))
        said = fold(row.get("is_primary", ""))
        if said not in _YES | _NO:
            seen.faults.append(("is_primary", _("Viết “có” hoặc “không”.")))
        person.is_primary = said not in _NO
        if text := " ".join(row.get("organization", "").split()):
            self._find_organisation(seen, text)
        official = self.officials.get(person.code)
        if official is not None and official.pk == self.actor.official_id:
            seen.faults.append(("code", _("Không ai tự bổ nhiệm mình.")))

    def _find_organisation(self, seen: Seen, text: str) -> None:
        person = seen.person
        found = self.organisations.get(codes.current_form(text))
        if found is None:
            same = [org for org in self.named.get(fold(text), ()) if self._stands(org, person)]
            if len(same) > 1:
                seen.faults.append(("organization", _("Có nhiều cơ quan cùng tên này. Hãy ghi mã.")))
                return
            found = same[0] if same else None
        if found is None:
            seen.faults.append(("organization", _("Không có cơ quan này.")))
        elif not any(found.path.startswith(path) for path in self.appoints):
            seen.faults.append(("organization", _("Cơ quan này ngoài phạm vi bổ nhiệm của bạn.")))
        elif self.invites and not any(found.path.startswith(path) for path in self.manages):
            seen.faults.append(("organization", _("Bạn không quản lý tài khoản ở cơ quan này.")))
        elif not self._stands(found, person):
            seen.faults.append(("organization", _("Cơ quan không tồn tại vào ngày bắt đầu.")))
        else:
            person.organization = found

    def _stands(self, org: Organization, person: Person) -> bool:
        return (person.valid_from or self.today) in org.valid

    def _username(self, row: dict[str, str]) -> str:
        return (row.get("username") or row.get("code") or "").strip()

    def _check_account(self, seen: Seen, row: dict[str, str]) -> None:
        person = seen.person
        person.username = self._username(row).lower()
        if not self.invites or person.code in self.accounts or not person.username:
            return
        column = "username" if row.get("username", "").strip() else "code"
        if not _USERNAME.fullmatch(person.username):
            seen.faults.append((column, _("Tên đăng nhập chỉ gồm chữ, chữ số và các dấu . _ - @ +.")))
        elif self.taken.get(person.username, person.code) != person.code:
            seen.faults.append((column, _("Tên đăng nhập “%(name)s” đã có người dùng.") % {"name": person.username}))
        elif self._usernames.setdefault(person.username, person.code) != person.code:
            seen.faults.append((column, _("Tên đăng nhập này đã có ở dòng khác.")))

    def _check_sheet(self, seen: Seen, number: int) -> None:
        """Rows of the same person say the same of that person, and no two give the same post."""
        person = seen.person
        if not person.code:
            return
        line, first = self._first.setdefault(person.code, (number, person))
        for name in ("full_name", "email", "phone"):
            if getattr(first, name) != getattr(person, name):
                seen.faults.append((name, _("Khác với dòng %(line)d của cùng mã cán bộ.") % {"line": line}))
        if person.organization is None or not person.role:
            return
        key = person.code, person.organization.pk, person.role
        spans = self._spans.setdefault(key, [])
        start, end = person.valid_from or self.today, person.valid_to
        for other, begins, ends in spans:
            if (end is None or begins < end) and (ends is None or start < ends):
                seen.faults.append(
                    ("role", _("Trùng với dòng %(line)d: cùng người, cơ quan, vai trò.") % {"line": other})
                )
                return
        spans.append((number, start, end))

    def _plan(self, person: Person) -> str:
        official = self.officials.get(person.code)
        if official is None:
            return Plan.NEW
        post = post_of(self.posts.get(official.pk, ()), person, self.today)
        if post is None:
            return Plan.NEW
        opens = self.invites and person.code not in self.accounts
        return Plan.CHANGE if opens or official_differs(official, person) or post_differs(post, person) else Plan.SAME


def post_of(posts: Sequence[Position], person: Person, today: date) -> Position | None:
    """The post on record that a row means: the same organisation and role, in force on a day of the row's."""
    start = person.valid_from or today
    for post in posts:
        same = (
            post.organization_id == (person.organization.pk if person.organization else 0) and post.role == person.role
        )
        before_end = post.valid.upper is None or start < post.valid.upper
        begins = person.valid_to is None or post.valid.lower is None or post.valid.lower < person.valid_to
        if same and not post.valid.isempty and before_end and begins:
            return post
    return None


def official_differs(official: Official, person: Person) -> bool:
    """Whether a row says something else of a person; what it leaves empty it does not take away."""
    return any(getattr(official, name) != value for name, value in said_of(official, person).items())


def said_of(official: Official, person: Person) -> dict[str, Any]:
    """How a person is called and reached, after a row."""
    return {name: getattr(person, name) or getattr(official, name) for name in ("full_name", "email", "phone")}


def post_differs(post: Position, person: Person) -> bool:
    """Whether a row gives a post another title, end or rank."""
    ends = person.valid_to is not None and person.valid_to != post.valid.upper
    return post.title != person.title or ends or post.is_primary != person.is_primary
