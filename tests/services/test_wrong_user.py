"""Another person's dossier, draft, file, charge or opinion: whoever has no business with it never sees a page of it.

Every URL of the products' own maps that names one object is asked by somebody it does not concern. The list of URL
names is held against the URL maps, so a new URL without a line here fails.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from PIL import Image

from hienluong.capabilities.payments import actions as payments
from hienluong.capabilities.payments import tasks as payment_tasks
from hienluong.capabilities.payments.models import Charge, Discrepancy, Receipt
from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers import agreements
from hienluong.capabilities.registers.models import Agreement, Record
from hienluong.capabilities.scoring.definition import ScoringSpec
from hienluong.capabilities.scoring.installing import install as install_scoring
from hienluong.capabilities.scoring.models import Assessment
from hienluong.foundation.actions import Actor, system
from hienluong.foundation.audit.reads import log_read
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.models import Account, SavedView
from hienluong.foundation.identity.saved import save_view
from hienluong.foundation.organisations.models import Official
from hienluong.services.assessments import targets
from hienluong.services.assignments import actions as assignments
from hienluong.services.assignments.models import Assignment
from hienluong.services.assignments.verbs import VERBS as TASK_VERBS
from hienluong.services.breaches import actions as breaches
from hienluong.services.breaches.models import Breach, Step
from hienluong.services.building import actions as building
from hienluong.services.building import codelist_operations, procedure_operations, register_operations, yaml_text
from hienluong.services.building import files as building_files
from hienluong.services.building.models import State
from hienluong.services.bus import agreements as service_agreements
from hienluong.services.bus import catalogue
from hienluong.services.bus.models import Call, DailyReport, ServiceAgreement
from hienluong.services.corrections.models import Correction
from hienluong.services.documents import mail
from hienluong.services.documents.actions import arrivals, mailboxes
from hienluong.services.documents.incoming_verbs import VERBS as DOCUMENT_VERBS
from hienluong.services.documents.models import Document, HeldMail
from hienluong.services.dossiers import actions, issuing, publishing
from hienluong.services.dossiers.models import CounterDraft, Dossier, Draft, IssuedPaper, Opinion, Result
from hienluong.services.flows.models import Run
from hienluong.services.lookups import actions as lookups
from hienluong.services.lookups.models import Question
from hienluong.services.packs import actions as packs
from hienluong.services.packs import opening
from hienluong.services.packs.contents import Content
from hienluong.services.packs.models import Offer, Package, TrustedSigner
from hienluong.services.records.importing.actions import take_in
from hienluong.services.records.models import Import
from hienluong.services.streams.models import Subscription
from hienluong.services.surveys.models import Rating
from hienluong.services.workplace.verbs import VERBS
from tests.capabilities.registers.sample import GOOD, official, organization, wells
from tests.factories import actor_for_role
from tests.services.assessments.sample import FORM as SHOP_CHECK
from tests.services.bus.sample import document as description
from tests.services.bus.sample import somebody as bus_official
from tests.services.dossiers.province import Province
from tests.services.flows.sample import Office as FlowOffice
from tests.services.streams.sample import Office
from tests.snapshots import ready

pytestmark = [pytest.mark.django_db, pytest.mark.once]

FEE: dict[str, Any] = {
    "code": "phi",
    "name": "Phí xác nhận",
    "kind": "fee",
    "due": "on_filing",
    "table": {"name": "phi", "inputs": [], "hit": "first", "rows": [], "default": {"amount": 15_000}},
    "legal_basis": "Nghị quyết kiểm thử",
    "text": "15.000 đồng",
}
APPS = (
    "portal",
    "workplace",
    "records",
    "building",
    "packs",
    "food_safety",
    "assessments",
    "assignments",
    "documents",
    "sharing",
    "streams",
    "lookups",
    "breaches",
    "corrections",
    "surveys",
    "files",
    "payments",
    "national",
    "bus",
    "flows",
    "adapters",
    "agentnode",
)
# Those that name no object of a person: catalogues, lists (which show one's own only), the bank's door.
NAMELESS = {
    "portal:services",
    "portal:service",
    "portal:start",
    "portal:home",
    "portal:tour",
    "portal:mine",
    "portal:track",
    "portal:papers",
    "workplace:inbox",
    "workplace:search",
    "workplace:to_return",
    "workplace:register",
    "workplace:bulk",
    "workplace:save_view",
    "records:save_view",
    "records:change_many",
    "workplace:file",
    "workplace:file_procedure",
    "workplace:keep_counter_draft",
    "lookups:mine",
    "lookups:questions",
    "breaches:report",
    "breaches:reported",
    "breaches:register",
    "corrections:mine",
    "corrections:list",
    "sharing:list",
    "sharing:ask",
    "streams:list",
    "streams:ask",
    "streams:undelivered",
    "streams:types",
    "streams:type",
    "flows:list",
    "flows:declare",
    "bus:services",
    "bus:declare",
    "bus:watch",
    "bus:alerts",
    "bus:reports",
    "bus:service",
    "bus:version",
    "bus:ask",
    "bus:agreements",
    "bus:proofs",
    "bus:portal",
    "bus:portal_service",
    "bus:portal_version",
    "bus:openapi",
    "records:registers",
    "building:drafts",
    "building:begin",
    "building:bring",
    "building:copy",
    "packs:list",
    "packs:signers",
    "food_safety:home",
    "food_safety:plan",
    "food_safety:trace",
    "assignments:list",
    "assignments:give",
    "assignments:board",
    "documents:inbox",
    "documents:take_in",
    "documents:incoming_book",
    "documents:incoming_figures",
    "documents:search",
    "documents:mailbox",
    "assessments:list",
    "assessments:begin",
    "assessments:offline",
    "assessments:worker",
    "assessments:session",
    "assessments:take_forms",
    "assessments:begin_on_phone",
    "records:records",
    "records:map",
    "records:create",
    "records:upload",
    "records:export",
    "payments:reconcile",
    "national:arrive",
    "national:queue",
    "adapters:list",
    "agentnode:show",
    "agentnode:try_out",
    "agentnode:add_subsystem",
    "agentnode:add_passage",
    "agentnode:add_offer",
    "payments:fetch",
    "payments:differences",
    "payments:accounts",
}
REFUSED = (302, 403, 404)
#: What is posted to the forms about a breach of personal data.
BREACH_FORMS: dict[str, dict[str, str]] = {
    "assess": {"is_breach": "no", "may_harm": "no", "assessment": "x"},
    "measure": {"text": "x"},
    "authority": {"how": "x"},
    "concerned": {"numbers": "045190001234"},
    "persons": {"severity": "x", "advice": "x", "contact": "x"},
    "public": {"address": "https://a.example/x"},
    "close": {"conclusion": "x"},
}
#: Forms about a service of the bus: what stands in their addresses beside its code.
BUS_FORMS: dict[str, dict[str, Any]] = {
    "change": {},
    "add_version": {},
    "describe": {"major": 1},
    "serve": {"major": 1},
    "step": {"major": 1, "verb": "ngung"},
    "translate": {"major": 1, "name": "health"},
}


def picture(owner: Account, name: str) -> StoredFile:
    out = BytesIO()
    Image.new("RGB", (300, 200), "white").save(out, "PNG")
    out.seek(0)
    return store(out, name=name, owner=owner.pk, purpose="dossiers.paper")


#: The procedure that is being built.
MADE = "8.000999"


@dataclass(frozen=True)
class Bench:
    """A pack that the province's administrator builds: a register and a procedure, with a question on a page."""

    name: str
    field: str
    page: str
    offer: uuid.UUID  # a pack that was uploaded
    signer: int  # whose packs are trusted


def a_bench(p: Province) -> Bench:
    """The pack, and another one that is installed."""
    builder = actor_for_role("admin", p.root)
    draft = building.begin(builder, name="thu.xuong", title="Xưởng", owner=p.root)
    register = register_operations.new_register("thu.cho", "Chợ", p.root.name, date(2026, 1, 1))
    goods = codelist_operations.new_list("mat-hang", "Mặt hàng", p.root.name, date(2026, 1, 1))
    goods = codelist_operations.add_codes(goods, said=codelist_operations.pasted("rau; Rau\nca; Cá"))
    procedure = procedure_operations.new_procedure(
        code=MADE,
        name="Cấp thẻ quầy hàng",
        field_code="X-CHO",
        field_name="Chợ",
        sector="thu",
        level="commune",
        key="",
        basis="01/2026/NĐ-CP",
        basis_title="Nghị định thử",
        effective_from=date(2026, 1, 1),
    )
    assert draft.head is not None
    texts = {
        **building_files.of(draft.head),
        "registers/cho.yaml": yaml_text.dump(register),
        "codelists/mat-hang.yaml": yaml_text.dump(goods),
        f"procedures/{MADE}.yaml": yaml_text.dump(procedure),
    }
    building.save(builder, draft=draft, files=texts, words="Thêm", expected=draft.head.pk)
    manifest = "name: thu.goi\ntitle: Gói\nversion: 1.0.0\n".encode()
    packs.install(system("Cài gói"), bundle=opening.open_content(Content({"pack.yaml": manifest})))
    page = procedure["form"]["pages"][0]
    zipped = Content({"pack.yaml": b"name: thu.cho\ntitle: Goi\nversion: 1.0.0\n"}).to_zip()
    offer = packs.offer(system("Tải gói lên"), body=zipped)
    signer = packs.trust(system("Tin cậy"), name="Sở Khoa học", key=base64.b64encode(bytes(range(32))).decode())
    return Bench(draft.name, page["fields"][0], page["id"], offer.pk, signer.pk)


@dataclass
class Town:
    """One person's things: a draft, a dossier at every desk, a charge, a result, an opinion asked of an agency."""

    province: Province
    draft: Draft
    draft_file: StoredFile
    dossier: Dossier
    paper: StoredFile
    receipt: IssuedPaper
    result: Result
    charge: Charge
    opinion: Opinion
    difference: Discrepancy
    sheet: CounterDraft
    view: SavedView
    list_view: SavedView
    record: Record
    batch: Import
    agreement: Agreement
    subscription: Subscription
    service: ServiceAgreement
    run: Run
    called: uuid.UUID
    question: Question
    correction: Correction
    breach: str
    assessment: Assessment
    task: Assignment
    document: Document
    mail: HeldMail
    bench: Bench

    def urls(self) -> dict[str, list[tuple[str, dict[str, str] | None]]]:
        """By URL name: the addresses, and what to post there (None: only looked at)."""
        code = self.dossier.code
        draft = {"draft_id": self.draft.pk}
        files = [self.draft_file.pk, self.paper.pk, self.receipt.file_id, self.result.file_id]
        opinion_dossier = self.opinion.dossier.code
        record = {"code": "thu.gieng", "record": self.record.pk}
        batch = {"code": "thu.gieng", "batch": self.batch.pk}
        shop = {"assessment": self.assessment.pk}
        service = {"code": self.service.version.service.code}
        bench = {"name": self.bench.name}
        kept, made = {**bench, "stem": "cho"}, {**bench, "stem": MADE}

        def of(name: str, post: dict[str, str] | None = None, /, **kwargs: Any) -> tuple[str, dict[str, str] | None]:
            return reverse(name, kwargs=kwargs), post

        return {
            "portal:draft_page": [of("portal:draft_page", {"reason": "Sửa"}, page_id="ly-do", **draft)],
            "portal:place": [of("portal:place", {"delivery": "post"}, **draft)],
            "portal:choose_record": [of("portal:choose_record", {"ban-ghi-0": "0"}, **draft)],
            "portal:contest": [of("portal:contest", {"wrong": "x", "reason": "y"}, field="reason", **draft)],
            "corrections:withdraw": [of("corrections:withdraw", {}, number=self.correction.pk)],
            "corrections:show": [of("corrections:show", {"verb": "nhan"}, number=self.correction.pk)],
            "portal:draft_papers": [of("portal:draft_papers", {}, **draft)],
            "portal:resume": [of("portal:resume", **draft)],
            "portal:whom": [of("portal:whom", {"whom": "toi"}, **draft)],
            "portal:represented": [
                of("portal:represented", {"name": "A", "identifier": "045190001234", "relation": "mẹ"}, **draft)
            ],
            "portal:carry_over": [of("portal:carry_over", {}, **draft)],
            "portal:check": [of("portal:check", {"cam-ket": "1"}, **draft)],
            "portal:discard": [of("portal:discard", {}, **draft)],
            "portal:dossier": [of("portal:dossier", code=code)],
            "portal:filed": [of("portal:filed", code=code)],
            "portal:supplement": [of("portal:supplement", {"note": "x"}, code=code)],
            "portal:withdraw": [of("portal:withdraw", {"reason": "x"}, code=code)],
            "portal:issued_paper": [of("portal:issued_paper", code=code, paper_id=self.receipt.pk)],
            "surveys:rate": [of("surveys:rate", {"comment": "x"}, code=code)],
            "files:content": [of("files:content", file_id=pk) for pk in files],
            "files:preview": [of("files:preview", file_id=pk) for pk in files],
            "payments:pay": [of("payments:pay", reference=self.charge.reference)],
            "payments:state": [of("payments:state", reference=self.charge.reference)],
            "payments:receipt": [of("payments:receipt", reference=self.charge.reference)],
            "payments:checkout": [of("payments:checkout", reference=self.charge.reference)],
            "payments:returned": [of("payments:returned", reference=self.charge.reference)],
            "payments:refund": [of("payments:refund", {"reason": "x"}, reference=self.charge.reference)],
            "payments:difference": [
                of(
                    "payments:difference",
                    {"viec": "giai-trinh", "giai-trinh-note": "Một lời giải trình"},
                    pk=self.difference.pk,
                )
            ],
            "payments:refunded": [of("payments:refunded", {"transaction": "x"}, reference=self.charge.reference)],
            "national:retry": [of("national:retry", {}, code=code)],
            "adapters:show": [of("adapters:show", code="population")],
            "adapters:retry": [of("adapters:retry", {}, code="population")],
            **{
                f"agentnode:{name}": [of(f"agentnode:{name}", {"text": "x"}, pk=1)]
                for name in ("end_subsystem", "drop_passage", "drop_offer")
            },
            "workplace:opinion": [of("workplace:opinion", {"agrees": "yes"}, opinion_id=self.opinion.pk)],
            "workplace:file_draft": [of("workplace:file_draft", {"p-name": "x"}, draft_id=self.sheet.pk)],
            "workplace:discard_counter_draft": [of("workplace:discard_counter_draft", {}, draft_id=self.sheet.pk)],
            "workplace:dossier": [of("workplace:dossier", code=c) for c in (code, opinion_dossier)],
            "workplace:received": [of("workplace:received", code=code)],
            "workplace:paper": [of("workplace:paper", code=code, paper_id=self.receipt.pk)],
            "workplace:control_sheet": [of("workplace:control_sheet", code=code)],
            "workplace:draft": [of("workplace:draft", code=code)],
            "workplace:draft_page": [of("workplace:draft_page", code=code, page=1)],
            "workplace:digitise": [of("workplace:digitise", {"scan-paper": "CC"}, code=code)],
            "workplace:correct": [of("workplace:correct", {"reason": "x"}, code=code)],
            "workplace:change_view": [of("workplace:change_view", {"viec": "delete"}, view_id=self.view.pk)],
            "records:change_view": [
                of("records:change_view", {"viec": "delete"}, code="thu.gieng", view_id=self.list_view.pk)
            ],
            "records:record": [of("records:record", **record)],
            "records:compare": [of("records:compare", **record)],
            "lookups:ask": [of("lookups:ask", {"text": "x"}, read=self.question.read_id)],
            "lookups:answer": [of("lookups:answer", {"text": "x"}, question=self.question.pk)],
            "breaches:show": [of("breaches:show", code=self.breach)],
            **{
                f"breaches:{name}": [of(f"breaches:{name}", {**said, "la": "x"}, code=self.breach)]
                for name, said in BREACH_FORMS.items()
            },
            "breaches:paper": [of("breaches:paper", {"officer_name": "x"}, code=self.breach, kind="notice")],
            "sharing:show": [of("sharing:show", {"viec": "cham-dut", "ly_do": "x"}, code=self.agreement.code)],
            "streams:show": [of("streams:show", {"viec": "cham-dut", "ly_do": "x"}, code=self.subscription.code)],
            "streams:replay": [
                of(
                    "streams:replay",
                    {"since_day": 1, "since_month": 11, "since_year": 2026, "reason": "x"},
                    code=self.subscription.code,
                )
            ],
            "bus:report": [of("bus:report", day="2026-11-26", code="H50.99.10")],
            "bus:agreement": [of("bus:agreement", {"viec": "cham-dut", "ly_do": "x"}, code=self.service.code)],
            "bus:proof": [of("bus:proof", {"viec": "xem", "ly_do": "x"}, uid=self.called)],
            **{
                f"bus:{name}": [of(f"bus:{name}", {"title": "x", "text": "x"}, **{**service, **at})]
                for name, at in BUS_FORMS.items()
            },
            "bus:try_out": [of("bus:try_out", {"body": "{}"}, **service, major=1)],
            "flows:run": [of("flows:run", {"decision": "done", "reason": "x"}, uid=self.run.uid)],
            **{
                f"flows:{name}": [of(f"flows:{name}", {"reason": "x", "given": "{}"}, code=self.run.version.flow.code)]
                for name in ("add_version", "write", "publish", "retire", "try", "permit")
            },
            "flows:show": [of("flows:show", code=self.run.version.flow.code)],
            "records:shared": [of("records:shared", **record, agreement=self.agreement.code)],
            "records:change": [of("records:change", {"name": "Sửa", "viec-kind": "change"}, **record)],
            "records:duplicates": [of("records:duplicates", {"kia": "G002"}, **record)],
            "records:certificate": [of("records:certificate", {"reason": "x"}, **record, kind="issue")],
            "records:end": [of("records:end", {"kind": "void", "reason": "x"}, **record)],
            "records:import": [of("records:import", **batch)],
            "records:map_import": [of("records:map_import", {"viec": "nhap"}, **batch)],
            "records:stop_import": [of("records:stop_import", {}, **batch)],
            "records:resume_import": [of("records:resume_import", {}, **batch)],
            "assignments:show": [of("assignments:show", task=self.task.pk)],
            "assignments:act": [
                of(
                    "assignments:act",
                    {f"{verb.key}-reason": "x", f"{verb.key}-result": "x"},
                    task=self.task.pk,
                    verb=verb.key,
                )
                for verb in TASK_VERBS
            ],
            "documents:incoming": [of("documents:incoming", uid=self.document.uid)],
            "documents:incoming_act": [
                of("documents:incoming_act", {f"{verb.key}-reason": "x"}, uid=self.document.uid, verb=verb.key)
                for verb in DOCUMENT_VERBS
            ],
            "documents:unshare": [of("documents:unshare", {}, uid=self.document.uid, official=1)],
            "documents:mail_retry": [of("documents:mail_retry", {}, pk=self.mail.pk)],
            "documents:mail_settle": [of("documents:mail_settle", {"reason": "x"}, pk=self.mail.pk)],
            "documents:mail_raw": [of("documents:mail_raw", pk=self.mail.pk)],
            "assessments:show": [of("assessments:show", **shop)],
            "assessments:do": [of("assessments:do", {"water-value": "no"}, **shop)],
            "assessments:choose": [of("assessments:choose", {"item": "water"}, **shop)],
            "assessments:act": [
                of("assessments:act", {"reason": "x"}, verb=verb, **shop)
                for verb in ("ket-thuc", "mo-lai", "ky", "huy")
            ],
            "assessments:data": [of("assessments:data", **shop)],
            "assessments:answer": [of("assessments:answer", {}, **shop)],
            "assessments:choose_one": [of("assessments:choose_one", {}, **shop)],
            "assessments:photo": [of("assessments:photo", {}, photo=uuid.UUID(int=1), **shop)],
            "assessments:photo_part": [of("assessments:photo_part", {}, photo=uuid.UUID(int=1), **shop)],
            "records:undo_import": [of("records:undo_import", {}, **batch)],
            **{
                f"building:{page}": [of(f"building:{page}", {}, **bench)]
                for page in ("manifest", "install", "undo", "redo")
            },
            **{
                f"building:{page}": [of(f"building:{page}", **bench)]
                for page in ("show", "download", "history", "compare")
            },
            **{
                f"building:{page}": [of(f"building:{page}", {}, **bench)]
                for page in ("new_register", "new_codelist", "new_file", "begin_procedure")
            },
            "building:restore": [of("building:restore", {}, number=1, **bench)],
            "building:source": [of("building:source", {"text": "x"}, file="pack.yaml", **bench)],
            "building:register": [of("building:register", {}, **kept)],
            "building:codelist": [of("building:codelist", {}, **{**bench, "stem": "mat-hang"})],
            "building:field_trial": [of("building:field_trial", {}, **kept)],
            **{
                f"building:register_{page}": [of(f"building:register_{page}", {}, **kept)]
                for page in ("about", "lists", "access", "rules", "certificate", "trial", "version")
            },
            **{
                f"building:{page}": [of(f"building:{page}", {}, **made)]
                for page in ("about", "form", "trial", "process", "result")
            },
            "building:procedure": [of("building:procedure", **made)],
            "building:take": [of("building:take", {"register": "thu.cho"}, **made)],
            "building:paper": [of("building:paper", **made)],
            "building:procedure_item": [
                of("building:procedure_item", {}, part="papers", **made),
                of("building:procedure_item", {"viec": "xoa"}, part="papers", number=0, **made),
            ],
            "building:field": [of("building:field", {}, field=self.bench.field, **made)],
            "building:page": [of("building:page", {}, page=self.bench.page, **made)],
            "building:rule": [of("building:rule", {}, **made), of("building:rule", {}, number=0, **made)],
            "building:effect": [of("building:effect", {}, **made), of("building:effect", {}, number=0, **made)],
            "packs:show": [of("packs:show", name="thu.goi")],
            "packs:export": [of("packs:export", name="thu.goi")],
            "packs:bring_back": [of("packs:bring_back", {}, name="thu.goi")],
            "packs:uninstall": [of("packs:uninstall", {}, name="thu.goi")],
            "packs:upload": [of("packs:upload", {})],
            "packs:trust": [of("packs:trust", {"name": "Tôi", "key": base64.b64encode(bytes(32)).decode()})],
            "packs:offer": [of("packs:offer", {}, pk=self.bench.offer)],
            "packs:give_up": [of("packs:give_up", {}, pk=self.bench.offer)],
            "packs:distrust": [of("packs:distrust", {"reason": "x"}, pk=self.bench.signer)],
            "food_safety:outbreak": [of("food_safety:outbreak", key="ND-2026-01")],
            "workplace:take_cash": [of("workplace:take_cash", {}, code=code)],
            "workplace:act": [of("workplace:act", {}, code=code, verb=verb.key) for verb in VERBS],
        }


def paid(p: Province, dossier: Dossier) -> Dossier:
    """The dossier, its fee taken in cash at the counter."""
    for charge in Charge.objects.filter(subject_ref=f"dossier:{dossier.code}"):
        payments.record_cash(p.clerk, charge=charge)
    return dossier


def print_receipt(charge: Charge) -> None:
    """Make the receipt as the worker does: until then its address leads to the page of the charge."""
    payment_tasks.print_receipt(receipt_id=Receipt.objects.get(payment__charge=charge).pk)


@pytest.fixture
def town(db: None) -> Town:
    return ready(a_town)


def a_record(p: Province) -> Record:
    """A record that nobody may read but the division that keeps it."""
    spec = wells(owner=p.agency_two.code, access={"responsible": {"read": "*", "write": "*"}})
    chief = official(p.agency_two, "define", "read", "write")
    register = registers.install(chief, spec=spec, owner=p.agency_two).register
    return registers.create(p.officer, register=register, data={**GOOD, "agency": p.division.code})


def a_subscription() -> Subscription:
    """A system of another department is told of events."""
    office = Office()
    return office.subscribe("https://he-thong.example/nhan")


def an_agreement(record: Record) -> Agreement:
    """What an agency that nobody here works for may see of the wells."""
    far, today = organization("H50.99.09"), timezone.localdate()
    asked = agreements.request(
        official(far, "read"),
        register=record.register,
        consumer=far,
        fields=["name"],
        purpose="Kiểm thử",
        legal_ground="Nghị định 278/2025/NĐ-CP",
        since=today,
        until=today,
        volume=9,
    )
    return agreements.approve(official(record.register.owner, "share"), agreement=asked)


def a_service(p: Province) -> ServiceAgreement:
    """What an agency that nobody here works for may call of a service of the commune."""
    far, today = organization("H50.99.10"), timezone.localdate()
    DailyReport.objects.create(day=date(2026, 11, 26), organization=far, provided=[], consumed=[])
    made = catalogue.declare(
        bus_official(p.commune, "provide"),
        owner=p.commune,
        code="thu-nghiem",
        title="Thử",
        data="Thử",
        contact_name="A",
        contact_email="a@example.gov.vn",
        document=description(),
        upstream="https://dulieu.example.gov.vn/thu",
    )
    asked = service_agreements.request(
        bus_official(far, "request"),
        version=catalogue.publish(bus_official(p.commune, "provide"), version=made),
        consumer=far,
        fields={"health": []},
        purpose="Kiểm thử",
        legal_ground="Nghị định 278/2025/NĐ-CP",
        since=today,
        until=today,
        per_minute=9,
    )
    return service_agreements.approve(bus_official(p.commune, "share"), agreement=asked)


def a_run() -> Run:
    """A run of a composed service of a department that nobody here works for."""
    office = FlowOffice()
    return office.start(office.published(office.source({"name": "a", "map": "1"})))


def a_call(agreement: ServiceAgreement) -> uuid.UUID:
    """What was called under it."""
    told = {"operation": "thu-nghiem/v1/health", "client": "x", "purpose": "Kiểm thử", "status": 200}
    return Call.objects.create(at=timezone.now(), agreement=agreement.code, **told).uid


def an_assessment(p: Province) -> Assessment:
    """What a division found in a shop."""
    install_scoring(system("Cài gói"), spec=ScoringSpec.model_validate(SHOP_CHECK), owner=p.commune)
    return targets.begin(p.officer, form="shop.check", name="Cửa hàng", organization_id=p.division.pk)


def a_question(p: Province) -> Question:
    """A citizen's question to a division that looked."""
    read = log_read(
        party_id=p.citizen.party_id or 0,
        actor_id=None,
        actor_label="Chuyên viên",
        organization_id=p.division.pk,
        fields=["name"],
        purpose="Kiểm thử",
    )
    return lookups.ask(p.citizen, read=read, text="Vì sao xem?")


def a_correction(p: Province, record: Record) -> Correction:
    """What a citizen contests of a record that one division keeps."""
    return Correction.objects.create(
        code="YCDC-2026-0001",
        register=record.register,
        record=record,
        field="name",
        change=record.changes.latest("pk").pk,
        said="Cũ",
        right="Mới",
        wrong="Sai tên",
        party=p.party,
        organization=p.division,
        due_at=timezone.now(),
    )


def a_task(p: Province) -> Assignment:
    """What the leader of a commune gave an officer of its division."""
    officer = Official.objects.get(pk=p.officer.official_id)
    return assignments.give(p.leader, task=assignments.Task("Rà soát", p.division, officer))


def a_document(p: Province) -> Document:
    """What came to a commune and was registered."""
    clerk = actor_for_role("document_clerk", p.commune)
    came = arrivals.arrive(clerk, agency=p.commune, source="hand", subject="Rà soát số liệu", sender_name="UBND tỉnh")
    return arrivals.register(clerk, document=came)


def a_held_mail(p: Province) -> HeldMail:
    """A message of the commune's mailbox that could not be taken in."""
    message = mailboxes.Message(p.commune, "vanthu@imap/INBOX", 1, 1)
    return mailboxes.note_failure(mail.WHO, message=message, why="x", for_good=True)


def a_town() -> Town:
    """Somebody with a draft, a dossier at every desk, and all that comes with them."""
    p = Province(FEE)
    draft_file = picture(p.account, "nhap.png")
    draft = p.draft()
    actions.save_draft(p.citizen, draft=draft, papers={"CC": [str(draft_file.pk)]}, organization=p.commune)
    paper = picture(p.account, "can-cuoc.png")
    dossier = p.file(papers=(actions.PaperIn(code="CC", name="Bản sao căn cước", file_id=paper.pk, copies=1),))
    actions.receive(p.clerk, dossier=paid(p, dossier))
    receipt = IssuedPaper.objects.get(dossier=dossier, kind="receipt")
    issuing.make_file(receipt)
    actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
    actions.submit_for_signature(p.head, dossier=dossier)
    publishing.produce(actions.sign(p.leader, dossier=dossier))
    asked = actions.receive(p.clerk, dossier=paid(p, p.file(model="parallel_opinions")))
    if not Opinion.objects.filter(dossier=asked).exists():
        actions.review(p.officer, dossier=asked, grants=True, conclusion="Xin ý kiến.")
    sheet = actions.keep_counter_draft(
        p.clerk,
        draft_id=uuid.uuid4(),
        procedure=p.versions["single_agency"].procedure,
        typed={"p-name": ["Nguyễn Văn Đến"]},
        label="Nguyễn Văn Đến",
    )
    record = a_record(p)
    return Town(
        record=record,
        agreement=an_agreement(record),
        subscription=a_subscription(),
        service=(service := a_service(p)),
        run=a_run(),
        called=a_call(service),
        question=a_question(p),
        correction=a_correction(p, record),
        breach=breaches.report(p.citizen, text="Thấy danh sách trên mạng").code,
        assessment=an_assessment(p),
        task=a_task(p),
        document=a_document(p),
        mail=a_held_mail(p),
        bench=a_bench(p),
        batch=take_in(
            p.officer, register=record.register, name="gieng.csv", content=b"code,name\nG009,Gi\xe1\xba\xbfng\n"
        ),
        sheet=sheet,
        province=p,
        draft=draft,
        draft_file=draft_file,
        dossier=Dossier.objects.get(pk=dossier.pk),
        paper=paper,
        receipt=receipt,
        result=Result.objects.get(dossier=dossier),
        charge=Charge.objects.get(subject_ref=f"dossier:{dossier.code}"),
        opinion=Opinion.objects.get(dossier=asked, organization=p.agency_two),
        difference=Discrepancy.objects.create(
            provider="bank",
            transaction="FT1",
            kind="amount",
            day=timezone.localdate(),
            charge=Charge.objects.get(subject_ref=f"dossier:{dossier.code}"),
        ),
        view=save_view(p.clerk, page="workplace:inbox", name="Quá hạn", query="due=overdue"),
        list_view=save_view(p.officer, page="records:thu.gieng", name="Giếng sâu", query="loc-deep=true"),
    )


def browser_of(actor: Actor) -> Client:
    client = Client()
    if actor.account_id:
        client.force_login(Account.objects.get(pk=actor.account_id))
    return client


WRONG: dict[str, Callable[[Province], Actor]] = {
    "nobody signed in": lambda p: p.anonymous,
    "another citizen": lambda p: p.stranger,
    "another commune's clerk": lambda p: p.other_clerk,
    "another commune's leader": lambda p: p.other_leader,
    "an agency asked about something else": lambda p: p.asked,
    "another commune's administrator": lambda p: actor_for_role("admin", p.other_commune),
}


def state_of(town: Town) -> tuple[Any, ...]:
    """What a wrong hand could have changed."""
    draft = Draft.objects.get(pk=town.draft.pk)
    dossier = Dossier.objects.get(pk=town.dossier.pk)
    charge = Charge.objects.get(pk=town.charge.pk)
    opinion = Opinion.objects.get(pk=town.opinion.pk)
    return (
        (draft.data, draft.papers, draft.delivery, draft.filed_as_id, draft.subject_id, draft.relation),
        (dossier.state, dossier.waiting_task, dossier.assignee_id, dossier.notes.count(), dossier.papers.count()),
        list(CounterDraft.objects.values_list("typed", "filed_as")),
        Subscription.objects.values_list("state", "rewind").get(pk=town.subscription.pk),
        (town.record.changes.count(), Import.objects.get(pk=town.batch.pk).state),
        (SavedView.objects.filter(pk__in=(town.view.pk, town.list_view.pk)).count(),),
        (State.objects.filter(draft__name=town.bench.name).count(), Package.objects.get(name="thu.goi").state),
        (Offer.objects.count(), TrustedSigner.objects.filter(removed_at=None).count()),
        (Assessment.objects.get(pk=town.assessment.pk).state, town.assessment.answers.count()),
        (Assignment.objects.get(pk=town.task.pk).state, Assignment.objects.count()),
        (Document.objects.get(pk=town.document.pk).state, town.document.readers.count()),
        HeldMail.objects.get(pk=town.mail.pk).state,
        (Breach.objects.get(code=town.breach).state, Step.objects.count()),
        (charge.state, opinion.given_at, Rating.objects.count(), Result.objects.get(pk=town.result.pk).state),
    )


def test_every_address_of_an_object_is_on_the_list(town: Town) -> None:
    known = set(town.urls()) | NAMELESS
    resolver = get_resolver()
    mapped = {
        f"{app}:{name}"
        for app in APPS
        for name in resolver.namespace_dict[app][1].reverse_dict
        if isinstance(name, str)
    }
    assert mapped - known == set()


@pytest.mark.parametrize("who", WRONG)
def test_the_wrong_person_gets_nothing(town: Town, who: str) -> None:
    actor = WRONG[who](town.province)
    client = browser_of(actor)
    print_receipt(town.charge)
    before = state_of(town)
    open_to_agencies = {f"/lam-viec/ho-so/{town.opinion.dossier.code}"} if who.startswith("an agency") else set()
    wrong = []
    for found in town.urls().values():
        for url, post in found:
            if url in open_to_agencies:
                continue
            answers = [("GET", client.get(url))]
            if post is not None:
                answers.append(("POST", client.post(url, post)))
            for method, answer in answers:
                if answer.status_code == 405 and method == "GET" and post is not None:
                    continue  # a door that only takes posts, tried next
                signs_in = answer.status_code == 302 and answer["Location"].startswith(settings.LOGIN_URL)
                if answer.status_code not in (401, 403, 404) and not signs_in:
                    wrong.append(f"{method} {url}: {answer.status_code} {answer.headers.get('Location', '')}")
    assert wrong == []
    assert state_of(town) == before


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("citizen", ("portal:draft_page", "portal:dossier", "portal:issued_paper", "payments:pay", "payments:receipt")),
        ("clerk", ("workplace:dossier", "workplace:paper", "workplace:control_sheet", "payments:pay")),
        (
            "officer",
            ("workplace:dossier", "workplace:paper", "workplace:control_sheet", "records:record", "records:end"),
        ),
    ],
)
def test_the_right_person_gets_it(town: Town, who: str, names: tuple[str, ...]) -> None:
    client = browser_of(getattr(town.province, who))
    print_receipt(town.charge)
    for name in names:
        for url, _post in town.urls()[name]:
            assert client.get(url).status_code == 200, url
    for file in (town.paper.pk, town.receipt.file_id):
        assert client.get(f"/tep/{file}").status_code == 200
        assert client.get(f"/tep/{file}/xem").status_code in (200, 422)


def test_the_result_is_the_persons_once_it_is_handed_over(town: Town) -> None:
    client = browser_of(town.province.citizen)
    url = f"/tep/{town.result.file_id}"
    assert client.get(url).status_code == 404
    actions.return_result(town.province.clerk, dossier=town.dossier, recipient="Nguyễn Thị Lành")
    assert client.get(url).status_code == 200
    assert browser_of(town.province.stranger).get(url).status_code == 404


def test_a_draft_is_nobody_elses_not_even_the_clerks(town: Town) -> None:
    for who in ("clerk", "officer", "leader", "stranger"):
        client = browser_of(getattr(town.province, who))
        assert client.get(f"/tep/{town.draft_file.pk}").status_code == 404
        assert client.get(reverse("portal:check", kwargs={"draft_id": town.draft.pk})).status_code in REFUSED


def test_the_key_of_a_charge_opens_that_charge_only(town: Town) -> None:
    client = Client()
    charge = town.charge
    assert client.get(f"/thanh-toan/{charge.reference}?k={charge.access}").status_code == 200
    assert client.get(f"/thanh-toan/{charge.reference}?k=").status_code == 404
    assert client.get(f"/thanh-toan/{charge.reference}?k={charge.access[:-1]}").status_code == 404


def test_an_address_of_nothing_looks_like_one_of_somebody_else(town: Town) -> None:
    client = browser_of(town.province.stranger)
    foreign = client.get(f"/ho-so/{town.dossier.code}")
    missing = client.get("/ho-so/H50.31.01-200101-9999")
    assert foreign.status_code == missing.status_code == 404
    assert client.get(f"/tep/{uuid.uuid4()}").status_code == client.get(f"/tep/{town.paper.pk}").status_code == 404
