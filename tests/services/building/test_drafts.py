"""Drafts of packs: states, undo and redo, two people at once, going out and coming in, installing."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction

from hienluong.capabilities.registers.models import Definition
from hienluong.foundation.actions import DomainError, InvalidInput, NotAllowed
from hienluong.services.building import actions, comparing, files
from hienluong.services.building.models import Draft, State
from hienluong.services.building.numbering import numbered
from hienluong.services.packs import planning
from hienluong.services.packs.actions import PlanChanged
from hienluong.services.packs.models import Installation, Package, Part
from tests.services.packs.sample import zipped
from tests.snapshots import ready

from .sample import FILE, Workshop, workshop

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None) -> Workshop:
    return ready(workshop)


def test_undo_gives_the_same_texts_and_nothing_that_was_saved_is_lost(shop: Workshop) -> None:
    first = shop.texts()
    shop.save(FILE, first[FILE].replace("title: Chợ", "title: Chợ phiên", 1), "Đổi tên")
    second = shop.texts()
    head = shop.draft.head
    assert head is not None
    back = actions.undo(shop.builder, draft=shop.draft, expected=head.pk)
    assert shop.texts() == first
    forward = actions.redo(shop.builder, draft=shop.draft, expected=back.pk)
    assert (shop.texts(), forward) == (second, head)
    back = actions.undo(shop.builder, draft=shop.draft, expected=forward.pk)
    shop.save(FILE, first[FILE].replace("version: 1", "version: 2"), "Nhánh khác")
    assert actions.next_of(shop.draft) is None  # a new way: there is nothing to do again
    assert [state.words for state in State.objects.filter(draft=shop.draft).order_by("number")] == [
        "Bắt đầu gói",
        "Thêm cơ sở dữ liệu",
        "Đổi tên",
        "Nhánh khác",
    ]
    assert shop.draft.head is not None
    actions.restore(shop.builder, draft=shop.draft, state=head, expected=shop.draft.head.pk)
    assert shop.texts() == second
    shop.draft.refresh_from_db()
    seen = []
    for _step in range(3):  # 5 came from 4, which came from 2
        assert shop.draft.head is not None
        seen.append(actions.undo(shop.builder, draft=shop.draft, expected=shop.draft.head.pk).number)
        shop.draft.refresh_from_db()
    assert seen == [4, 2, 1]
    assert shop.draft.head is not None
    with pytest.raises(actions.NothingToDo):
        actions.undo(shop.builder, draft=shop.draft, expected=shop.draft.head.pk)


def test_nobody_overwrites_anothers_work_nor_builds_in_another_house(shop: Workshop) -> None:
    texts = shop.texts()
    seen = shop.draft.head
    assert seen is not None
    shop.save(FILE, texts[FILE].replace("version: 1", "version: 2"))
    mine = {**texts, "results/a.html": "<p></p>"}
    with pytest.raises(actions.Overtaken):
        actions.save(shop.builder, draft=shop.draft, files=mine, words="x", expected=seen.pk)
    assert shop.draft.head is not None
    for wrong in (shop.stranger, shop.officer):
        with pytest.raises(NotAllowed):
            actions.save(wrong, draft=shop.draft, files=mine, words="x", expected=shop.draft.head.pk)
        with pytest.raises(NotAllowed):
            actions.install(wrong, draft=shop.draft, expected=shop.draft.head.pk)
    assert "results/a.html" not in shop.texts()


def test_installing_is_idempotent_and_refuses_faults_whole(shop: Workshop) -> None:
    assert shop.draft.head is not None
    done = actions.install(shop.builder, draft=shop.draft, expected=shop.draft.head.pk)
    assert done.new == [FILE]
    again = actions.install(shop.builder, draft=shop.draft, expected=shop.draft.head.pk)
    assert (again.new, again.same) == ([], [FILE])
    shop.draft.refresh_from_db()
    assert shop.draft.installed == shop.draft.head
    package = Package.objects.get()
    assert (package.name, package.version, package.origin, package.owner) == (
        "thuongmai.cho", "1.0.0", "built", shop.owner,
    )  # fmt: skip
    assert [(part.kind, part.code) for part in Part.objects.all()] == [("register", "thuongmai.cho")]
    assert Installation.objects.get().account_id == shop.builder.account_id
    broken = shop.texts()[FILE].replace("version: 1", "version: 2").replace("name: name", "name: ten")
    shop.save(FILE, broken)
    assert shop.draft.head is not None
    checked = files.check(shop.texts())
    assert [(told.place, told.message) for told in checked.of(FILE)] == [(("name",), "không có trường “ten”")]
    with pytest.raises(InvalidInput, match="Gói còn 1 lỗi"):
        actions.install(shop.builder, draft=shop.draft, expected=shop.draft.head.pk)
    assert Definition.objects.count() == 1


def test_what_changed_is_installed_under_the_next_number_and_only_as_it_was_looked_at(shop: Workshop) -> None:
    assert shop.draft.head is not None
    actions.install(shop.builder, draft=shop.draft, expected=shop.draft.head.pk)
    shop.save("pack.yaml", shop.texts()["pack.yaml"].replace("title: Chợ", "title: Chợ phiên"))
    ours = numbered(shop.texts())
    assert "version: 1.0.1" in ours["pack.yaml"]
    agreed = planning.for_install(files.check(ours).bundle).mark
    assert shop.draft.head is not None
    with pytest.raises(PlanChanged):
        actions.install(shop.builder, draft=shop.draft, expected=shop.draft.head.pk, plan="0" * 64)
    assert shop.texts() != ours
    actions.install(shop.builder, draft=shop.draft, expected=shop.draft.head.pk, plan=agreed)
    assert shop.texts() == ours
    assert shop.draft.head is not None
    assert (Package.objects.get().version, shop.draft.installed) == ("1.0.1", shop.draft.head)
    assert shop.draft.head.words == "Tăng phiên bản của gói lên 1.0.1 để cài"
    assert numbered(shop.texts()) == shop.texts()


def test_a_pack_goes_out_as_a_zip_and_comes_in_the_same(shop: Workshop) -> None:
    texts = shop.texts()
    packed = files.as_bytes(texts)
    for members in (packed.files, {f"cho/{path}": body for path, body in packed.files.items()}):
        assert files.of_zip(zipped(members)) == texts  # in a folder or not
    signed = {**packed.files, "pack.sha256": b"x", "pack.sig": b"x"}
    assert files.of_zip(zipped(signed)) == texts  # a signature is of what was signed, not of a draft
    with pytest.raises(InvalidInput, match="Đã có bản nháp"):
        actions.bring(shop.builder, files=texts, owner=shop.owner, source="tệp")
    renamed = {**texts, "pack.yaml": texts["pack.yaml"].replace("thuongmai.cho", "thuongmai.cho2")}
    copy = actions.bring(shop.builder, files=renamed, owner=shop.owner, source="tệp .zip")
    assert copy.head is not None
    told = comparing.compare(texts, files.of(copy.head))
    assert [(each.path, [(row.before, row.after) for row in each.rows]) for each in told] == [
        ("pack.yaml", [("thuongmai.cho", "thuongmai.cho2")])
    ]


@pytest.mark.once
@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({"goi/pack.yaml": b"", "pack.yaml": b""}, "không nhận tệp"),
        ({"goi/pack.yaml": b"", "khac/a.yaml": b""}, "không nhận tệp"),
        ({"pack.yaml": b"", "../a.yaml": b""}, "ra ngoài gói"),
        ({"pack.yaml": b"", "code.py": b"import os"}, "mã chạy"),
        ({"pack.yaml": b"\xff\xfe"}, "UTF-8"),
        ({"pack.yaml": b" " * (2 * 1024 * 1024)}, "lớn hơn"),
        ({"pack.yaml": b"", **{f"results/a{n}.html": b"" for n in range(501)}}, "quá 500 tệp"),
        ({"pack.yaml": b"", **{f"results/a{n}.html": b" " * 1_000_000 for n in range(20)}}, "lớn hơn 16 MB"),
    ],
)
def test_what_is_no_draft_is_refused_with_words(members: dict[str, bytes], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        files.of_zip(zipped(members))
    with pytest.raises(InvalidInput, match="không phải tệp ZIP"):
        files.of_zip(b"x" * 100)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_begin_one_name_at_once_the_second_is_told_or_has_it() -> None:
    shop = ready(workshop)
    found: list[Draft | str] = []

    def begin(name: str) -> None:
        try:
            found.append(actions.begin(shop.builder, name=name, title="Hội chợ", owner=shop.owner))
        except DomainError as error:
            found.append(f"{error.code} {error.field} {error.message}")
        finally:
            connection.close()

    def at_once(name: str, *, kept: bool) -> Draft | str:
        """What the second gets on a connection of its own while the first has begun and is not done yet."""
        second = threading.Thread(target=begin, args=(name,))
        with transaction.atomic():
            actions.begin(shop.builder, name=name, title="Hội chợ", owner=shop.owner)
            second.start()
            until = time.monotonic() + 60
            while not _waits() and time.monotonic() < until:
                time.sleep(0.02)
            assert _waits(), "the second waits for the first"
            transaction.set_rollback(not kept)
        second.join(60)
        return found.pop()

    told = at_once("thuongmai.hoi_cho", kept=True)
    assert told == "domain.invalid_input name Đã có bản nháp của gói “thuongmai.hoi_cho”."
    assert State.objects.filter(draft__name="thuongmai.hoi_cho").count() == 1
    made = at_once("thuongmai.cho_dem", kept=False)
    assert isinstance(made, Draft), made
    assert made.head == State.objects.get(draft__name="thuongmai.cho_dem"), "the first took it back"


def _waits() -> bool:
    """Whether another connection waits for this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])
