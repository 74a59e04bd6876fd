"""What one call through the real mediator leaves behind proves who asked what and what was answered; a flipped byte shows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from hienluong.foundation.actions import NotAllowed, NotFound
from hienluong.foundation.audit import chain
from hienluong.foundation.audit.models import Entry, PersonalDataRead
from hienluong.foundation.transparency import heads
from hienluong.house import anchors
from hienluong.services.bus import proving, tasks
from hienluong.services.bus.models import Call, ServiceAgreement
from hienluong.services.mediation import proof
from hienluong.services.mediation.signatures import Key
from tests.factories import actor_for_role, make_account, make_citizen, make_org
from tests.services.bus.sample import Province, somebody
from tests.services.test_wrong_user import browser_of

from .test_program import (  # noqa: F401 - fixtures are found by their names
    PATH,
    SIGNING_SECRET,
    Provider,
    Running,
    consumer,
    mediator,
    operation,
    process,
    provider,
    sign,
)

pytestmark = pytest.mark.django_db(transaction=True)
TARGET = f"{PATH}?page=1"
PERSON = "045190000001"


@dataclass
class Made:
    """A signed call that was answered, what both sides kept of it, and whose it was."""

    province: Province
    call: Call
    request: bytes
    answer: bytes
    body: bytes
    person: int

    @property
    def agreement(self) -> ServiceAgreement:
        return ServiceAgreement.objects.get(code="TT-1")

    def good(self, **copies: bytes) -> dict[str, bool | None]:
        """What holds, by its code."""
        self.call.refresh_from_db()
        bundle = proving.bundle(self.call, self.agreement)
        read = {name: proof.read_copy(content) for name, content in copies.items()}
        return {one.code: one.good for one in proving.findings(bundle, **read)}


@pytest.fixture
def made(mediator: Running, provider: Provider, consumer: Key, settings: Any, tmp_path: Path) -> Made:  # noqa: F811
    settings.BUS_MEDIATOR_SECRET = SIGNING_SECRET
    settings.ANCHORS_FILE = tmp_path / "audit.jsonl"
    province = Province()
    agreement = province.agreed(province.version(), sign=True)
    ServiceAgreement.objects.filter(pk=agreement.pk).update(code="TT-1")
    person = make_citizen(identifier=PERSON)
    mediator.publish(provider, operation(sign=True, fields=["items.ten"], person_pointer="/items/0/so"))
    fields = sign(consumer, mediator.port, PATH, "page=1")
    answer = mediator.ask(TARGET, x_request_id="b7e1", **fields)
    assert answer.status_code == 200, answer.text
    tasks.take_in_calls()
    anchors.take()
    return Made(province, Call.objects.get(), *_kept(mediator, fields, answer), person.pk)


def _kept(mediator: Running, fields: dict[str, str], answer: httpx.Response) -> tuple[bytes, bytes, bytes]:  # noqa: F811
    """The messages as a careful system keeps them in files."""
    sent = {"host": f"127.0.0.1:{mediator.port}", "x-agreement": "TT-1", "x-purpose": "kiem thu"}
    sent |= {name.replace("_", "-"): value for name, value in fields.items()}
    lines = [f"GET {TARGET} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.items()), "", ""]
    back = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in answer.headers.items()), "", ""]
    return "\r\n".join(lines).encode(), "\r\n".join(back).encode() + answer.content, answer.content


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def tamper(statement: str, values: list[Any]) -> None:
    """What somebody with all rights on the database may do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute(statement, values)
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")


def test_a_call_is_proved_whole_and_each_flipped_byte_is_told(made: Made) -> None:
    whole = made.good(request=made.request, answer=made.answer)
    assert set(whole.values()) == {True}, whole
    assert set(whole) == {
        *("entry", "digests", "signatures", "chain", "head", "asked", "request-copy", "answer-copy"),
        *("request-signature", "answer-signature"),
    }
    assert made.good(answer=made.body)["answer-copy"] is True
    assert made.good(request=b"")["request-copy"] is True, "the body alone, while the address is kept"
    assert made.good(answer=flipped(made.answer, len(made.answer) - 3))["answer-copy"] is False
    assert made.good(answer=made.body + b"\n")["answer-copy"] is False
    assert made.good(request=made.request.replace(b"page=1", b"page=2"))["request-copy"] is False

    def changed(**values: Any) -> dict[str, bool | None]:
        before = {name: getattr(made.call, name) for name in values}
        Call.objects.filter(pk=made.call.pk).update(**values)
        found = made.good()
        Call.objects.filter(pk=made.call.pk).update(**before)
        return found

    other = made.call.request_digest.translate(str.maketrans("0123456789abcdef", "123456789abcdef0"))
    found = changed(request_digest=other)
    assert (found["digests"], found["asked"]) == (False, False)
    assert changed(answer_digest="0" * 64)["digests"] is False
    assert changed(at=made.call.at - timedelta(days=1))["digests"] is False
    found = changed(purpose="Vì việc khác")
    assert (found["asked"], found["request-signature"]) == (False, False)
    kept = json.loads(made.call.signature)
    for side, what in (("request", "signature"), ("answer", "signature")):
        value = kept[side][what]
        place = len(value) // 2
        lied = {
            **kept,
            side: {**kept[side], what: value[:place] + ("A" if value[place] != "A" else "B") + value[place + 1 :]},
        }
        found = changed(signature=json.dumps(lied))
        assert (found["signatures"], found[f"{side}-signature"]) == (False, False), side
    assert changed(signature="")["signatures"] is False, "taken away"
    found = changed(evidence=made.call.evidence[:-9] + "AAAA" + made.call.evidence[-5:])
    assert (found["asked"], found["digests"]) == (False, True)


def test_a_changed_audit_log_is_told(made: Made) -> None:
    entry = Entry.objects.get(verb=proving.VERB)
    make_account()
    anchors.take()
    tamper("UPDATE audit_entry SET after = jsonb_set(after, '{records}', '9') WHERE seq = %s", [entry.seq])
    found = made.good()
    assert (found["entry"], found["digests"], found["chain"]) == (False, False, False)
    entry.refresh_from_db()
    again = chain.digest(entry)
    tamper("UPDATE audit_entry SET hash = %s WHERE seq = %s", [again, entry.seq])
    found = made.good()
    assert (found["entry"], found["chain"]) == (True, False), "the head was signed over another one"
    tamper("DELETE FROM audit_entry WHERE seq = %s", [entry.seq])
    found = made.good()
    assert (found["entry"], found["chain"]) == (False, None)


def test_before_a_head_is_signed_nothing_more_is_claimed(made: Made) -> None:
    from hienluong.foundation.transparency.models import LogEntry, Node

    with connection.cursor() as cursor:
        for table in ("transparency_logentry", "transparency_node"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        LogEntry.objects.all().delete()
        Node.objects.all().delete()
        for table in ("transparency_logentry", "transparency_node"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    found = made.good()
    assert (found["entry"], found["digests"], found["chain"], found["head"]) == (True, True, None, None)


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """The command as a stranger runs it: without a database, without our settings."""
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "HIENLUONG", "DJANGO"))
    }
    command = [sys.executable, "-m", "hienluong.services.mediation.proof", *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_a_bundle_is_verified_without_a_database_with_public_keys_only(made: Made, tmp_path: Path) -> None:
    bundle = proving.signed(proving.bundle(made.call, made.agreement), whole=True)
    files = {
        "bundle": json.dumps(bundle).encode(),
        "key": json.dumps(proving.mediator_key()).encode(),
        "request": made.request,
        "answer": made.answer,
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    at = {name: str(tmp_path / name) for name in files}
    words = [at["bundle"], "--audit-key", heads.public_key(), "--mediator-key", at["key"]]
    copies = ["--request", at["request"], "--answer", at["answer"]]

    told = run(*words, *copies)

    assert (told.returncode, told.stderr) == (0, "")
    assert [line.split("\t")[0] for line in told.stdout.splitlines()] == ["ĐÚNG"] * 11
    assert "persons" not in bundle["asked"]
    (tmp_path / "answer").write_bytes(flipped(made.answer, len(made.answer) - 3))
    told = run(*words, *copies)
    assert (told.returncode, "SAI\tBản lưu của câu trả lời không khớp" in told.stdout) == (1, True)
    assert run(*words[:-1], at["bundle"]).returncode != 0, "another key"
    (tmp_path / "bundle").write_bytes(b"{}")
    assert run(*words).returncode == 2
    bare = "import sys, hienluong.services.mediation.proof; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", bare], check=False).returncode == 0


def test_every_change_of_a_bundle_is_seen(made: Made) -> None:
    bundle = proving.signed(proving.bundle(made.call, made.agreement), whole=True)

    def good(told: dict[str, Any]) -> bool:
        found = proof.findings(told, audit_key=heads.public_key(), mediator_key=proving.mediator_key())
        return all(one.good is not False for one in found)

    assert good(bundle)
    places = [
        (part, name)
        for part in ("call", "entry", "asked")
        for name in bundle[part]
        if isinstance(bundle[part][name], str)
    ]
    assert len(places) > 20
    for part, name in places:
        value = bundle[part][name]
        assert not good({**bundle, part: {**bundle[part], name: value + "x"}}), (part, name)
    head = bundle["chain"]["head"]
    for name in ("hash", "at", "signature"):
        lied = {**bundle["chain"], "head": {**head, name: "00" * 32}}
        found = proof.findings({**bundle, "chain": lied}, audit_key=heads.public_key(), mediator_key={})
        assert {one.code: one.good for one in found}["head"] is False, name


def test_what_was_asked_is_gone_when_its_term_is_over_and_the_proof_stays(made: Made, settings: Any) -> None:
    assert tasks.forget_evidence() == 0
    settings.BUS_EVIDENCE_DAYS = 1
    later = timezone.now() + timedelta(days=1, minutes=1)
    assert PERSON not in made.call.evidence
    assert proving.forget(later) == 1
    made.call.refresh_from_db()
    assert (made.call.evidence, made.call.persons) == ("", [])
    found = made.good()
    assert (found["entry"], found["digests"], found["signatures"], found["chain"]) == (True, True, True, True)
    assert (found.get("asked"), found["request-signature"], found["answer-signature"]) == (None, None, None)
    found = made.good(request=made.request, answer=made.answer)
    assert (found["request-signature"], found["answer-signature"]) == (True, True), "by the copy that a side kept"
    assert made.good(request=b"")["request-copy"] is None
    with pytest.raises(NotFound):
        proving.look(made.province.decider, call=made.call, agreement=made.agreement, why="Thanh tra")


def test_over_the_term_it_is_not_shown_even_while_nobody_has_deleted_it(made: Made, settings: Any) -> None:
    settings.BUS_EVIDENCE_DAYS = 0
    assert proving.asked(made.call) == ("gone", None)


def test_who_looks_at_what_was_asked_is_seen_by_the_person_and_others_do_not_look(made: Made) -> None:
    assert PersonalDataRead.objects.get().organization_id == made.province.consumer.pk, "the call itself"
    told = proving.look(made.province.decider, call=made.call, agreement=made.agreement, why="Thanh tra  năm 2026")
    assert (told["target"], told["method"]) == (TARGET, "GET")
    read = PersonalDataRead.objects.get(purpose="Thanh tra năm 2026")
    assert (read.party_id, read.purpose, read.agreement) == (made.person, "Thanh tra năm 2026", "TT-1")
    assert Entry.objects.filter(verb="bus.evidence.look", target_id=str(made.call.pk)).count() == 1
    watcher = somebody(made.province.owner, "monitor")
    assert proving.call(watcher, made.call.uid)[0] == made.call
    with pytest.raises(NotAllowed):
        proving.look(watcher, call=made.call, agreement=made.agreement, why="Xem")
    assert PersonalDataRead.objects.count() == 2
    stranger = somebody(make_org(parent=made.province.province), "request", "share", "monitor", "provide")
    with pytest.raises(NotFound):
        proving.call(stranger, made.call.uid)
    assert not proving.calls(stranger, proving.Wanted()).exists()
    assert proving.calls(made.province.asker, proving.Wanted(name="b7e1", agreement="TT-1")).get() == made.call
    day = timezone.localdate()
    assert not proving.calls(watcher, proving.Wanted(since=day + timedelta(days=1))).exists()
    assert proving.calls(watcher, proving.Wanted(since=day, until=day, operation="nguoi/v1/list")).exists()


BASE = "/quan-tri/truc-du-lieu/bang-chung"


def test_the_pages_tell_it_to_lay_people_and_to_experts(made: Made) -> None:
    head, place = actor_for_role("head", made.province.owner), f"{BASE}/{made.call.uid}"
    browser = browser_of(head)
    assert f"{BASE}/{made.call.uid}" in browser.get(f"{BASE}?ma=b7e1").content.decode()
    assert "Không có lời gọi nào như vậy" in browser.get(f"{BASE}?ma=khac").content.decode()
    page = browser.get(place).content.decode()
    consumer_name, provider_name = made.province.consumer.name, made.province.owner.name
    for words in (
        f"{consumer_name} đã hỏi “list”",
        f"{provider_name} đã trả lời lúc",
        "Chữ ký của cả hai bên còn nguyên.",
        "Vị trí trong nhật ký kiểm toán đã được kiểm chứng.",
        made.call.request_digest,
        "nay vẫn dùng",
        heads.public_key(),
    ):
        assert words in page, words
    assert TARGET not in page, "what was asked is shown to who says why"
    assert "Có điều không khớp" not in page
    without = browser.post(place, {"viec": "xem", "ly_do": " "})
    assert (without.status_code, TARGET in without.content.decode()) == (422, False)
    shown = browser.post(place, {"viec": "xem", "ly_do": "Giải trình với thanh tra"})
    assert shown.headers["Cache-Control"] == "no-store"
    assert f"GET {TARGET}" in shown.content.decode()
    assert "&quot;@signature-params&quot;" in shown.content.decode()
    assert PersonalDataRead.objects.filter(purpose="Giải trình với thanh tra", party_id=made.person).exists()

    def compared(of_what: str, content: bytes) -> str:
        sent = {"viec": "doi-chieu", "of_what": of_what, "file": SimpleUploadedFile("a.http", content)}
        return browser.post(place, sent).content.decode()

    assert "Bản lưu của câu trả lời khớp" in compared("answer", made.answer)
    assert "Bản lưu của câu hỏi khớp" in compared("request", made.request)
    assert "Bản lưu của câu trả lời không khớp" in compared("answer", made.answer + b" ")
    assert "Có điều không khớp" in compared("answer", made.answer + b" ")
    assert browser.post(place, {"viec": "doi-chieu", "of_what": "answer"}).status_code == 422
    assert browser.post(place, {"viec": "bay"}).status_code == 422
    taken = json.loads(browser.post(place, {"viec": "tai"}).content)
    assert (taken["asked"], taken["asked_state"]) == (None, "left out")
    assert json.loads(browser.post(place, {"viec": "tai-du", "ly_do": "Nộp tòa"}).content)["asked"]["target"] == TARGET
    Call.objects.filter(pk=made.call.pk).update(answer_digest="0" * 64)
    broken = browser.get(place).content.decode()
    assert "Có điều không khớp" in broken
    assert "Nhật ký kiểm toán không còn khớp với lời gọi." in broken


def test_the_wrong_people_find_nothing(made: Made) -> None:
    place = f"{BASE}/{made.call.uid}"
    other = browser_of(actor_for_role("head", make_org(parent=made.province.province)))
    assert str(made.call.uid) not in other.get(BASE).content.decode()
    for verb in ("xem", "tai", "tai-du", "doi-chieu"):
        assert other.post(place, {"viec": verb, "ly_do": "x"}).status_code == 404
    assert other.get(place).status_code == 404
    assert browser_of(actor_for_role("document_clerk", made.province.owner)).get(BASE).status_code == 403
