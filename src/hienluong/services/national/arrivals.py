"""What arrives from the national portal: a new dossier, the answer to a supplement request, a withdrawal.

Each message is read against its shape, refused with a stable code and words the portal can show, and taken once:
the same national number again is answered as before. Messages may come twice and in any order; what comes before its
dossier is refused with ``unknown_dossier`` and comes again.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Annotated, Any, Literal

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from hienluong.capabilities.forms import engine
from hienluong.foundation.actions import Act, DomainError, InvalidInput, action, system
from hienluong.foundation.files import store
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.actions import find_or_register
from hienluong.foundation.people.models import Party
from hienluong.services.dossiers import actions as dossiers
from hienluong.services.dossiers import steps
from hienluong.services.dossiers.competence import competent_for
from hienluong.services.dossiers.models import Channel, Dossier, State
from hienluong.services.procedures.models import Procedure, ProcedureVersion, RuleSet
from hienluong.services.procedures.spec import ProcedureSpec
from hienluong.ui import asked

from . import wire
from .actions import note_arrival
from .models import Arrival, SeenMessage

WHO = system("Cổng Dịch vụ công quốc gia")
#: No dossier brings more files than this.
MOST_FILES = 40
#: Seconds to wait for a file of the portal.
PATIENCE = 30.0
DELIVERY = {"0": "counter", "1": "post", "2": "online"}

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[A-Za-z0-9.\-/]{1,60}$")]


class Unreadable(DomainError):
    """The message has not the shape that was agreed."""

    code = "malformed"
    status = 400


class Replayed(DomainError):
    """A signed message that was taken already came again, to the letter."""

    code = "replayed"
    status = 401


class Shape(BaseModel):
    """A part of a message: fields that nobody agreed on are passed over, text is composed (NFC) and without NUL."""

    model_config = ConfigDict(extra="ignore")

    @field_validator("*", mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return asked.plain(value) if isinstance(value, str) else value


class SentPaper(Shape):
    """A file of TaiLieuNop: carried in the message, or fetched from the portal."""

    TenTepDinhKem: Text
    MaThanhPhanHoSo: Code
    DuongDanTaiTepTin: Annotated[str, StringConstraints(max_length=500)] = ""
    NoiDungTep: str = ""  # base64


class Person(Shape):
    """Who a dossier is for, or who hands it in."""

    HoTen: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    LoaiDoiTuong: Literal["1", "2"] = "1"
    MaDoiTuong: Annotated[str, StringConstraints(pattern=r"^(\d{12}|\d{10}(-?\d{3})?)$")]
    SoDienThoai: Annotated[str, StringConstraints(pattern=r"^(\+?\d{8,15})?$")] = ""
    Email: Annotated[str, StringConstraints(max_length=254)] = ""
    DiaChi: Text = ""

    @model_validator(mode="after")
    def _number_of_its_kind(self) -> Person:
        if (self.LoaiDoiTuong == "1") != (len(self.MaDoiTuong) == 12):
            raise ValueError("MaDoiTuong")
        return self


class NewDossier(Shape):
    """NOP: a dossier filed on the portal."""

    MaHoSo: Code
    MaTTHC: Code
    MaXa: Annotated[str, StringConstraints(max_length=10)] = ""
    ChuHoSo: Person
    NguoiNop: Person | None = None
    NgayNopHoSo: str
    HinhThucTra: Literal["0", "1", "2"] = "2"
    DuLieuBieuMau: dict[str, Any] = {}
    TaiLieuNop: Annotated[list[SentPaper], Field(max_length=MOST_FILES)] = []
    GhiChu: Annotated[str, StringConstraints(max_length=2000)] = ""


class Answer(Shape):
    """BOSUNG: the answer to a supplement request, known by the portal's number of it."""

    MaHoSo: Code
    MaBoSung: Code
    NoiDung: Annotated[str, StringConstraints(max_length=4000)] = ""
    TaiLieuNop: Annotated[list[SentPaper], Field(max_length=MOST_FILES)] = []


class Withdrawal(Shape):
    """RUT: the person takes the dossier back."""

    MaHoSo: Code
    LyDo: Annotated[str, StringConstraints(max_length=1000)] = ""


KINDS: dict[str, type[NewDossier] | type[Answer] | type[Withdrawal]] = {
    "NOP": NewDossier,
    "BOSUNG": Answer,
    "RUT": Withdrawal,
}


class Taken(BaseModel):
    """What became of a message: our dossier, and whether it had been taken before."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    dossier: Dossier
    repeated: bool


def read(kind: str, body: dict[str, Any]) -> NewDossier | Answer | Withdrawal:
    """A message in its shape. Raises :class:`Unreadable`, naming the fields at fault."""
    shape = KINDS.get(kind)
    if shape is None:
        raise Unreadable(_("Không có loại gói tin này."), field="LoaiGoiTin")
    try:
        return shape.model_validate(body)
    except (ValidationError, UnicodeEncodeError) as error:
        faults = error.errors() if isinstance(error, ValidationError) else []
        where = ", ".join(dict.fromkeys(".".join(str(step) for step in fault["loc"]) for fault in faults))
        raise Unreadable(_("Gói tin sai ở: %(where)s.") % {"where": where[:200] or "?"}) from error


def take(message: NewDossier | Answer | Withdrawal, *, nonce: str) -> Taken:
    """Do what a message says, once. Raises :class:`DomainError` with the reason when it cannot be taken."""
    return _take(WHO, message=message, nonce=nonce)


@action("national.take")
def _take(act: Act, *, message: NewDossier | Answer | Withdrawal, nonce: str) -> Taken:
    _seen, new = SeenMessage.objects.get_or_create(nonce=nonce)
    if not new:
        raise Replayed(_("Gói tin này đã được gửi trước đó, nguyên văn."))
    if isinstance(message, NewDossier):
        taken = _take_new(act, message)
    elif isinstance(message, Answer):
        taken = _take_answer(act, message)
    else:
        taken = _take_withdrawal(act, message)
    note_arrival(
        act,
        kind=kind_of(message),
        national_code=message.MaHoSo,
        message_code=message.MaBoSung if isinstance(message, Answer) else "",
        dossier=taken.dossier,
        verdict=Arrival.Verdict.REPEATED if taken.repeated else Arrival.Verdict.TAKEN,
    )
    return taken


def kind_of(message: NewDossier | Answer | Withdrawal) -> str:
    """NOP, BOSUNG or RUT."""
    return next(kind for kind, shape in KINDS.items() if isinstance(message, shape))


def _take_new(act: Act, message: NewDossier) -> Taken:
    known = Dossier.objects.filter(national_code=message.MaHoSo).first()
    if known:
        return Taken(dossier=known, repeated=True)
    version = _version(message.MaTTHC)
    spec = version.spec
    competent = _competent(spec, message.MaXa)
    subject = _party(act, message.ChuHoSo)
    filer = _party(act, message.NguoiNop) if message.NguoiNop else subject
    filing = dossiers.Filing(
        version=version,
        subject=subject,
        filer=filer,
        competent=competent,
        channel=Channel.NATIONAL_PORTAL,
        delivery=DELIVERY[message.HinhThucTra],
        data=_answers(spec, message.DuLieuBieuMau),
        papers=_papers(spec, message.TaiLieuNop),
        national_code=message.MaHoSo,
        note=_note(message),
    )
    dossier = dossiers.take_from_national_portal(act, filing=filing)
    return Taken(dossier=dossier, repeated=False)


def _note(message: NewDossier) -> str:
    """The remark of the person, and when they filed there: the clock starts with reception here."""
    filed = _moment(message.NgayNopHoSo)
    words = _("Nộp trên Cổng Dịch vụ công quốc gia lúc %(at)s.") % {"at": f"{timezone.localtime(filed):%H:%M %d/%m/%Y}"}
    return f"{words} {message.GhiChu}".strip()


def _moment(text: str) -> datetime:
    try:
        at = wire.parse_moment(text)
    except ValueError as error:
        raise Unreadable(_("NgayNopHoSo phải viết yyyyMMddHHmmss."), field="NgayNopHoSo") from error
    if not asked.FIRST_DAY <= at.date() <= asked.LAST_DAY:
        raise Unreadable(_("NgayNopHoSo phải viết yyyyMMddHHmmss."), field="NgayNopHoSo")
    return at


def _version(code: str) -> ProcedureVersion:
    today = timezone.localdate()
    version = (
        ProcedureVersion.objects.select_related("procedure")
        .filter(
            procedure__code=code,
            procedure__state=Procedure.State.PUBLISHED,
            state=ProcedureVersion.State.PUBLISHED,
            valid__contains=today,
        )
        .first()
    )
    if version is None:
        raise InvalidInput(
            _("Thủ tục %(code)s không có hoặc không còn tiếp nhận.") % {"code": code}, code="unknown_procedure"
        )
    rules = RuleSet.objects.filter(valid__contains=today).first()
    if rules is None or not rules.spec.national_portal_filing:
        raise InvalidInput(_("Quy định đang áp dụng không nhận hồ sơ từ Cổng quốc gia."), code="not_accepted")
    return version


def _competent(spec: ProcedureSpec, commune: str) -> Organization:
    try:
        return competent_for(spec, on=timezone.localdate(), commune_code=commune)
    except InvalidInput as error:
        raise InvalidInput(error.message, code="unknown_place", field="MaXa") from error


def _party(act: Act, person: Person) -> Party:
    return find_or_register(
        act,
        name=person.HoTen,
        identifier=person.MaDoiTuong,
        kind=Party.Kind.ENTERPRISE if person.LoaiDoiTuong == "2" else Party.Kind.CITIZEN,
        phone=person.SoDienThoai,
        address=person.DiaChi,
        email=person.Email,
    )


def _answers(spec: ProcedureSpec, given: dict[str, Any]) -> dict[str, Any]:
    """The answers of the e-form, checked as our own pages check them."""
    if spec.form is None:
        return {}
    outcome = engine.validate(spec.form, given)
    if outcome.errors:
        where = "; ".join(f"{name}: {' '.join(map(str, words))}" for name, words in outcome.errors.items())
        raise InvalidInput(_("Biểu mẫu chưa đúng: %(where)s") % {"where": where[:220]}, code="bad_form")
    return dict(outcome.data)


def _papers(spec: ProcedureSpec, sent: list[SentPaper]) -> tuple[dossiers.PaperIn, ...]:
    names = {paper.code: paper.name for paper in spec.papers}
    unknown = sorted({paper.MaThanhPhanHoSo for paper in sent} - set(names))
    if unknown:
        raise InvalidInput(
            _("Thủ tục không có thành phần hồ sơ %(codes)s.") % {"codes": ", ".join(unknown)[:200]},
            code="unknown_paper",
        )
    return tuple(
        replace(
            dossiers.PaperIn(code=paper.MaThanhPhanHoSo, name=names[paper.MaThanhPhanHoSo], copies=1),
            file_id=_keep(paper),
        )
        for paper in sent
    )


def _keep(paper: SentPaper) -> Any:
    """The file of a paper, carried or fetched, checked as every upload is."""
    if paper.NoiDungTep:
        try:
            content = base64.b64decode(paper.NoiDungTep, validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidInput(_("Nội dung tệp không phải base64."), code="bad_file") from error
        stream: Any = BytesIO(content)
    else:
        stream = BytesIO(_fetch(paper.DuongDanTaiTepTin))
    try:
        return store(stream, name=paper.TenTepDinhKem, owner=None, purpose="dossiers.paper").pk
    except InvalidInput as error:
        raise InvalidInput(error.message, code="bad_file") from error


def _fetch(address: str) -> bytes:
    """A file from the portal; from nowhere else, so that nobody makes us ask other machines."""
    home = settings.NATIONAL_PORTAL["url"]
    if not home or not address.startswith(f"{home}/"):
        raise InvalidInput(_("Chỉ tải tệp từ Cổng quốc gia."), code="bad_file_address")
    most, content = settings.MAX_UPLOAD_BYTES, bytearray()
    import httpx  # loads a command line of its own, so only who calls out pays for it

    try:
        with httpx.stream("GET", address, timeout=PATIENCE, trust_env=False, follow_redirects=False) as answer:
            if answer.status_code != 200:
                raise InvalidInput(_("Không tải được tệp từ Cổng quốc gia."), code="file_unavailable")
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > most:
                    break  # one chunk too many is enough for the check of sizes to refuse it
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise InvalidInput(_("Không tải được tệp từ Cổng quốc gia."), code="file_unavailable") from error
    return bytes(content)


def _known(code: str) -> Dossier:
    found = Dossier.objects.select_related("procedure_version").filter(national_code=code).first()
    if found is None:
        raise InvalidInput(_("Chưa có hồ sơ mang số này; hãy gửi lại sau."), code="unknown_dossier")
    return found


def _as_person(act: Act, dossier: Dossier) -> Act:
    """The channel speaking for the person who signed in at the portal, the filer of this dossier."""
    return Act(replace(act.actor, party_id=dossier.filer_id), act.name, parent=act)


def _take_answer(act: Act, message: Answer) -> Taken:
    dossier = steps.lock(_known(message.MaHoSo))
    told = Arrival.objects.filter(dossier=dossier, message_code=message.MaBoSung, verdict=Arrival.Verdict.TAKEN)
    if told.exists():
        return Taken(dossier=dossier, repeated=True)
    papers = _papers(dossier.procedure_version.spec, message.TaiLieuNop)
    dossier = dossiers.answer_supplement(_as_person(act, dossier), dossier=dossier, papers=papers, note=message.NoiDung)
    return Taken(dossier=dossier, repeated=False)


def _take_withdrawal(act: Act, message: Withdrawal) -> Taken:
    dossier = steps.lock(_known(message.MaHoSo))
    if dossier.state == State.WITHDRAWN:
        return Taken(dossier=dossier, repeated=True)
    dossier = dossiers.withdraw(_as_person(act, dossier), dossier=dossier, reason=message.LyDo)
    return Taken(dossier=dossier, repeated=False)
