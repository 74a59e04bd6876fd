"""A dozen dossiers of the demo's own people through the real actions: paid, received, signed, verified, rated.

Whoever signs in with a demo account finds them at every step, and those that are finished have everything a real one
has: a signed result, its proof in the transparency log, a receipt, the bank's notice, the audit entries.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from io import BytesIO
from random import Random
from typing import Any
from uuid import UUID

from django.utils import timezone

from hienluong.capabilities.payments import actions as payments
from hienluong.capabilities.payments.models import Charge
from hienluong.capabilities.payments.queries import charges_of
from hienluong.capabilities.signing.papers import render_pdf
from hienluong.foundation.actions import Actor, system
from hienluong.foundation.events.dispatcher import dispatch_waiting
from hienluong.foundation.files import store
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party
from hienluong.foundation.schemas.expressions import holds
from hienluong.services.dossiers import actions, checklist, publishing
from hienluong.services.dossiers.charging import subject_ref
from hienluong.services.dossiers.competence import competent_for
from hienluong.services.dossiers.models import CheckedPaper, Dossier, Draft, Opinion, Result, State
from hienluong.services.portal import tour
from hienluong.services.procedures.models import ProcedureVersion
from hienluong.services.procedures.queries import current_version
from hienluong.services.procedures.spec import Paper
from hienluong.services.surveys.actions import rate

from . import formdata
from .people import ENTERPRISE

#: The commune of the demo's officials: phường Đông Hà.
HOME = "19333"
LANH, BINH = "nguyenthilanh", "tranvanbinh"
NATIONAL = system("Cổng Dịch vụ công quốc gia (mô phỏng)")


@dataclass(frozen=True)
class Case:
    """One dossier: whose, which service, filed how, and the task at which it is left (empty: to the end)."""

    code: str
    left_at: str = ""
    who: str = LANH
    for_enterprise: bool = False
    how: str = "online"  # online, counter, national_portal
    delivery: str = "online"
    scores: tuple[int, ...] = ()
    comment: str = ""
    note: str = ""


CASES: tuple[Case, ...] = (
    Case("2.000815", scores=(5, 5, 5, 4, 5), comment="Nộp tối hôm trước, sáng hôm sau đã có bản điện tử."),
    Case("1.001193", note=tour.mark("stranger")),
    Case("2.000635", how="counter", delivery="counter", scores=(4, 4, 5, 4, 4)),
    Case("2.000635", left_at="receive", note=tour.mark("clerk")),
    Case("1.001612", who=BINH, left_at="review", delivery="counter", note=tour.mark("officer")),
    Case("1.004873", left_at="sign", note=tour.mark("leader")),
    Case("1.013225", left_at="await_review", delivery="counter"),
    Case("1.001776", left_at="refused"),
    Case("3.000347", left_at="sign", delivery="counter"),
    Case("1.013831", delivery="counter"),
    Case("2.002041", who=BINH, for_enterprise=True, scores=(5, 4, 5, 5, 5), comment="Không phải đến Sở lần nào."),
    Case("2.001827", who=BINH, for_enterprise=True, left_at="review", delivery="counter"),
    Case("2.000815", how="national_portal", left_at="receive"),
    Case("1.004873", how="national_portal", left_at="receive"),
)


def play() -> None:
    """File and handle each case, prepare the draft of the tour, let everybody be told."""
    cast = Cast()
    for number, case in enumerate(CASES):
        _Play(cast, case, Random(number)).run()  # noqa: S311 - the same answers every time
    _draft(cast)
    dispatch_waiting()


class Cast:
    """The demo's accounts as actors, by what they do and where."""

    def account(self, username: str) -> Account:
        """The account of this name."""
        return Account.objects.get(username=username)

    def actor(self, username: str) -> Actor:
        """Who acts when that account is signed in."""
        return actor_of(self.account(username))

    @cached_property
    def home(self) -> Organization:
        """The demo commune."""
        return Organization.objects.get(kind=Organization.Kind.COMMUNE, commune_code=HOME, valid__contains=_today())

    def official(self, role: str, dossier: Dossier) -> Actor:
        """Who does a step of this dossier: in the commune, at the provincial centre, or in the department."""
        if dossier.competent_id == self.home.pk:
            return self.actor("motcua" if role == "clerk" else _COMMUNE[role])
        if role == "clerk":
            return self.actor("motcua.tinh")
        short = dossier.competent.versions.order_by("-valid").first()
        assert short is not None
        return self.actor(f"{_COMMUNE[role]}.{short.short_name.lower()}")


_COMMUNE = {"officer": "chuyenvien", "head": "truongphong", "leader": "lanhdao"}


class _Play:
    """One case from filing to where it is left."""

    def __init__(self, cast: Cast, case: Case, chance: Random) -> None:
        self.cast, self.case, self.chance = cast, case, chance
        self.account = cast.account(case.who)
        assert self.account.party is not None
        self.filer: Party = self.account.party
        self.subject = Party.objects.get(name=ENTERPRISE) if case.for_enterprise else self.filer
        self.version = current_version(case.code)

    def run(self) -> None:
        dossier = self._file()
        if self.case.left_at == "refused":
            clerk = self.cast.official("clerk", dossier)
            actions.refuse(clerk, dossier=dossier, reason="Thiếu giấy xác nhận khuyết tật của Ủy ban nhân dân cấp xã.")
            return
        self._pay(dossier)
        if self.case.left_at == "await_review":
            self._go_on(dossier, until="review")
            self._ask_supplement(dossier)
            return
        self._go_on(dossier, until=self.case.left_at)
        if self.case.scores:
            scores = dict(zip(("access", "guidance", "attitude", "time", "result"), self.case.scores, strict=True))
            rate(self.cast.actor(self.case.who), dossier=_fresh(dossier), scores=scores, comment=self.case.comment)

    def _file(self) -> Dossier:
        case, spec = self.case, self.version.spec
        data = formdata.data_for(spec, self.subject, _today(), self.chance, example=0)
        competent = competent_for(spec, on=_today(), commune_code=HOME)
        clerk = self.cast.actor("motcua")
        filing = actions.Filing(
            version=self.version,
            subject=self.subject,
            filer=self.filer,
            relation="Giám đốc" if case.for_enterprise else "",
            competent=competent,
            channel=case.how,
            data=data,
            papers=tuple(
                actions.PaperIn(code=paper.code, name=paper.name, file_id=scan(self.account, paper), copies=1)
                for paper in asked(self.version, data)
            ),
            delivery=case.delivery,
            note=case.note,
            received_at_org=Organization.objects.get(parent=competent, kind="service_centre")
            if case.how == "counter"
            else None,
            national_code=f"000.00.00.G22-{_today():%y%m%d}-9{self.version.pk:05d}"
            if case.how == "national_portal"
            else "",
        )
        if case.how == "counter":
            return actions.file_at_counter(clerk, filing=filing)
        if case.how == "national_portal":
            return actions.take_from_national_portal(NATIONAL, filing=filing)
        actor = self.cast.actor(case.who)
        draft = Draft(
            account=self.account, procedure_version=self.version, delivery=case.delivery, subject=self.subject
        )
        draft = actions.save_draft(actor, draft=draft, data=filing.data, organization=competent)
        return actions.file_online(actor, draft=draft, filing=filing)

    def _pay(self, dossier: Dossier) -> None:
        for charge in charges_of(subject_ref(dossier)):
            if charge.state != Charge.State.DUE:
                continue
            if self.case.how == "counter":
                payments.record_cash(self.cast.official("clerk", dossier), charge=charge)
                continue
            payments.take_notice(
                payments.channel("bank"),
                provider="bank",
                raw=f'{{"content": "{charge.reference}", "amount": {charge.amount}}}',
                nonce=f"demo-{charge.reference}",
                provider_ref=f"FT{_today():%y%j}{charge.pk:08d}",
                reference=charge.reference,
                amount=charge.amount,
                paid_at=timezone.now(),
            )

    def _ask_supplement(self, dossier: Dossier) -> None:
        paper = dossier.papers.order_by("pk").first()
        what = "Bản vẽ mặt đứng bị mờ, đề nghị chụp lại."
        items = [{"code": paper.code, "name": paper.name, "what": what}] if paper else []
        officer = self.cast.official("officer", dossier)
        actions.request_supplement(officer, dossier=dossier, reason=what, items=items)

    def _go_on(self, dossier: Dossier, *, until: str) -> None:
        """Do step after step until the dossier waits at `until`, or is handed over."""
        dossier = _fresh(dossier)
        while dossier.state != State.RETURNED and dossier.waiting_task != until:
            _STEPS[dossier.waiting_task](self.cast, dossier)
            dossier = _fresh(dossier)
            self._pay(dossier)
            dossier = _fresh(dossier)


def _receive(cast: Cast, dossier: Dossier) -> None:
    checks = tuple(
        actions.PaperCheck(
            code=line.code, verdict=CheckedPaper.Verdict.PRESENT, originals=line.originals, copies=line.copies
        )
        for line in checklist.lines_of(dossier)
        if line.required or line.handed_in
    )
    actions.receive(cast.official("clerk", dossier), dossier=dossier, checks=checks)


def _review(cast: Cast, dossier: Dossier) -> None:
    role = "clerk" if dossier.waiting_lane == "clerk" else "officer"
    actions.review(
        cast.official(role, dossier),
        dossier=dossier,
        grants=True,
        conclusion="Hồ sơ đủ điều kiện giải quyết.",
        fields=formdata.officer_fields(dossier.procedure_version.spec, Random(dossier.pk)),  # noqa: S311
    )


def _opinion(cast: Cast, dossier: Dossier) -> None:
    for opinion in Opinion.objects.filter(dossier=dossier, given_at__isnull=True).select_related("organization"):
        agency = "chuyenvien.thue" if "Thuế" in opinion.organization.name else "chuyenvien.snnmt"
        actions.give_opinion(cast.actor(agency), opinion=opinion, agrees=True, text="Thống nhất.")


def _sign(cast: Cast, dossier: Dossier) -> None:
    result = actions.sign(cast.official("leader", dossier), dossier=dossier)
    publishing.produce(Result.objects.get(pk=result.pk))  # the background does this; the job it left finds it done


def _return(cast: Cast, dossier: Dossier) -> None:
    actions.return_result(cast.official("clerk", dossier), dossier=dossier, recipient=dossier.filer.name)


_STEPS: dict[str, Callable[[Cast, Dossier], object]] = {
    "receive": _receive,
    "review": _review,
    "inspect": lambda cast, dossier: actions.inspect(
        cast.official("officer", dossier), dossier=dossier, findings="Đúng như hồ sơ."
    ),
    "opinion": _opinion,
    "conclude": lambda cast, dossier: actions.conclude_opinions(
        cast.official("officer", dossier), dossier=dossier, conclusion="Các cơ quan thống nhất."
    ),
    "approve": lambda cast, dossier: actions.submit_for_signature(cast.official("head", dossier), dossier=dossier),
    "sign": _sign,
    "return_result": _return,
}


def asked(version: ProcedureVersion, data: dict[str, Any]) -> list[Paper]:
    """The papers to upload for this service, given the answers."""
    papers = version.spec.papers
    return [p for p in papers if p.source == "upload" and p.required and (not p.when or holds(p.when, data))]


def scan(account: Account, paper: Paper) -> UUID:
    """A picture of a paper, uploaded by its owner."""
    return store(
        BytesIO(_picture(account.display_name)), name=f"{paper.code}.pdf", owner=account.pk, purpose="dossiers.paper"
    ).pk


@cache
def _picture(person: str) -> bytes:
    """The picture that stands for every paper of a person: drawing one for each would take most of the time here."""
    return render_pdf("house/demo/scan.html", {"person": person}, title="Bản chụp giấy tờ")


def _draft(cast: Cast) -> None:
    """The citizen's draft of the tour: filled in, one press before it is filed."""
    account, version = cast.account(LANH), current_version(tour.DRAFT_OF)
    assert account.party is not None
    data = formdata.data_for(version.spec, account.party, _today(), Random(7), example=0)  # noqa: S311
    draft = Draft(account=account, procedure_version=version, delivery="online", subject=account.party)
    actions.save_draft(
        cast.actor(LANH),
        draft=draft,
        data=data,
        papers={paper.code: [str(scan(account, paper))] for paper in asked(version, data)},
        organization=cast.home,
    )


def _fresh(dossier: Dossier) -> Dossier:
    return Dossier.objects.select_related("competent", "received_at_org", "filer").get(pk=dossier.pk)


def _today() -> date:
    return timezone.localdate()
