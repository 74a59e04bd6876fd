"""Passwords that leaked, many use, or somebody who knows the person would try: refused, offline, with the reason."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.identity import actions, breached, passwords
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.house.commands_passwords import passwords_app
from tests.factories import make_account, make_citizen, make_official, make_org, make_roles
from tests.snapshots import ready

OLD, GOOD = "Mat-khau-thu-2026", "trâu đen gặm cỏ bờ sông"
LEAKED = "trâu trắng gặm cỏ bờ sông"


def sha1(word: str) -> str:
    return hashlib.sha1(word.encode()).hexdigest().upper()


def listed(words: dict[str, int]) -> str:
    return "\r\n".join(sorted(f"{sha1(word)}:{seen}" for word, seen in words.items()))


@settings(max_examples=25)
@given(
    words=st.sets(st.text(st.characters(exclude_characters="\r\n", exclude_categories=("Cs",)), min_size=1), min_size=1)
)
def test_whatever_leaked_is_found(words: set[str], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("leaked")
    source = folder / "list.txt"
    source.write_text(listed(dict.fromkeys(words, 1)))
    known = breached.make(source, folder / "made")
    held = breached.Breached(folder / "made")
    assert held.known == known
    assert known.count == len(words)
    assert all(word in held for word in words)
    held.close()


def test_others_are_mistaken_for_one_as_rarely_as_is_said(tmp_path: Path) -> None:
    source = tmp_path / "list.txt"
    source.write_text(listed({f"mật khẩu {n}": 1 for n in range(8_000)}))
    known = breached.make(source, tmp_path / "made")
    held = breached.Breached(tmp_path / "made")
    mistaken = sum(f"khác {n}" in held for n in range(10_000))
    assert known.chance < 1 / 1000
    assert mistaken <= 10_000 * known.chance * 2 + 5
    assert (tmp_path / "made").stat().st_size < 8_000 * 2 + 4 * 2**9 + 100, "two bytes a password and the index"


def test_lists_come_in_three_forms(tmp_path: Path) -> None:
    words = {"một hai ba bốn": 9, "năm sáu bảy tám": 1}
    ranges = tmp_path / "ranges"
    ranges.mkdir()
    for word, seen in words.items():
        (ranges / f"{sha1(word)[:5]}.txt").write_text(f"{sha1(word)[5:]}:{seen}\n")
    (ranges / "readme.txt").write_text("x")
    plain = tmp_path / "plain.txt"
    plain.write_text("\n".join(words))
    for source, options in ((ranges, {}), (plain, {"plain": True})):
        assert breached.make(source, tmp_path / "made", **options).count == 2
        held = breached.opened(tmp_path / "made")
        assert held is not None
        assert all(word in held for word in words)
    assert breached.make(ranges, tmp_path / "made", at_least=5).count == 1
    held = breached.opened(tmp_path / "made")
    assert held is not None, "a file that was replaced is opened again"
    assert [word in held for word in words] == [True, False]


@pytest.mark.parametrize(
    "text", ["", "xin chào", f"{'F' * 40}:1\n{'0' * 40}:1\n", "0" * 32 + ":1", f"{'0' * 40}:nhiều"]
)
def test_what_is_no_list_changes_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "list.txt").write_text(text)
    made = tmp_path / "made"
    made.write_bytes(b"before")
    with pytest.raises(breached.BadList):
        breached.make(tmp_path / "list.txt", made, at_least=2 if "nhiều" in text else 1)
    assert made.read_bytes() == b"before"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["list.txt", "made"]
    with pytest.raises(breached.BadList):
        breached.Breached(made)


def test_the_command_loads_and_says_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIENLUONG_BREACHED_PASSWORDS", str(tmp_path / "made"))
    run = CliRunner().invoke
    assert run(passwords_app, ["show"]).exit_code == 1
    (tmp_path / "list.txt").write_text(listed({LEAKED: 3}))
    done = run(passwords_app, ["load", str(tmp_path / "list.txt")])
    assert done.exit_code == 0, done.output
    assert "1 mật khẩu" in run(passwords_app, ["show"]).output
    wrong = run(passwords_app, ["load", str(tmp_path / "khong-co.txt")])
    assert wrong.exit_code == 1
    assert "1 mật khẩu" in run(passwords_app, ["show"]).output, "what was there stays"


def people() -> dict[str, Account]:
    make_roles()
    province = make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")
    commune = make_org("UBND xã Hiếu Giang", code="H50.102", parent=province, kind="commune")
    citizen = make_citizen("Lê Thị Hoài Thương", identifier="045190001234")
    citizen.date_of_birth = date(1990, 5, 17)
    citizen.save()
    official = make_official("Trần Quốc Vượng", org=commune)
    return {
        "citizen": make_account("hoaithuong", party=citizen),
        "official": make_account("vuongtq", official=official),
    }


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "new", "words"),
    [
        ("citizen", "gió mùa về", "ít nhất 12 ký tự"),
        ("citizen", "passwordpassword", "từ ai cũng thử"),
        ("citizen", "qwertyuiop[]12", "dãy phím"),
        ("citizen", "123456789012345", "nhiều người dùng|dãy số"),
        ("citizen", "1234554321123455432112", "dãy phím"),
        ("citizen", "Hoài-Thương-1990", "tên, ngày sinh"),
        ("citizen", "thuong17051990!", "tên, ngày sinh"),
        ("citizen", "0912345678-abc", "số điện thoại"),
        ("citizen", "045190001234", "tên, ngày sinh"),
        ("official", "Quảng Trị @2026", "tên cơ quan"),
        ("official", "hieugiang.2026", "tên cơ quan"),
        ("official", "QuocVuong#1234", "tên, ngày sinh"),
        ("official", "Anh yêu em 123", "từ ai cũng thử"),
        ("official", "Mật khẩu mới @12", "từ ai cũng thử"),
        ("official", "Đà Nẵng 2026 !!!", "địa danh"),
        ("official", "Hienluong@2026", "từ ai cũng thử"),
        ("official", LEAKED, "đã bị lộ"),
    ],
)
def test_what_is_easily_guessed_is_refused_with_the_reason(
    who: str, new: str, words: str, tmp_path: Path, settings: Any
) -> None:
    (tmp_path / "list.txt").write_text(listed({LEAKED: 1}))
    breached.make(tmp_path / "list.txt", tmp_path / "made")
    settings.BREACHED_PASSWORDS = tmp_path / "made"
    account = ready(people)[who]
    with pytest.raises(InvalidInput, match=words) as refused:
        actions.change_password(actor_of(account), account=account, old=OLD, new=new)
    assert refused.value.field == "new"
    account.refresh_from_db()
    assert account.check_password(OLD)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "new", [GOOD, "x" * 3 + " mưa " * 60, "toàn-chữ-thường-không-số-đâu-nhé", "Con-song-Thach-Han-1972"]
)
def test_any_kinds_of_signs_will_do_when_it_is_long_and_nobody_expects_it(new: str) -> None:
    account = ready(people)["official"]
    passwords.check(account, new, OLD)
    actions.change_password(actor_of(account), account=account, old=OLD, new=new)
    account.refresh_from_db()
    assert account.check_password(new)
    assert not account.check_password(new.lower() if new != new.lower() else new.upper()), "exactly as it was typed"


@pytest.mark.django_db
def test_a_broken_file_is_said_in_the_log_and_stops_nobody(
    tmp_path: Path, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.BREACHED_PASSWORDS = tmp_path / "made"
    (tmp_path / "made").write_bytes(b"x" * 100)
    passwords.check(ready(people)["official"], GOOD, OLD)
    assert "breached passwords cannot be used" in caplog.text
