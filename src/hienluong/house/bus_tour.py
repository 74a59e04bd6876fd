"""The guided page of the data-sharing bus, in a demo only: one department publishes, another asks, calls, is refused.

Each button does a real act with the demo account named beside it (their password is on the page of the demo for all); the
calls are those of a system of the other department, over HTTP through the gateway. What is ticked is read from what happened.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions import Actor, DomainError, NotFound, system
from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.sso import actions as sso
from hienluong.foundation.sso.models import System
from hienluong.services.bus import agreements, catalogue
from hienluong.services.bus.models import Service, ServiceAgreement, Version

from .demo.accounts import ACCOUNTS

SERVICE = "thua-dat"
#: The first parcel of the simulated system is that of the demo's citizen.
PARCEL = "19333-12-101"
#: What is asked for: the owner's number and address are not.
AGREED = ("code", "place", "area", "use_name", "price", "owner.name")
PROVIDER, DECIDER, ASKER, CITIZEN = "truongphong.snnmt", "lanhdao.snnmt", "chuyenvien.stc", "nguyenthilanh"
PURPOSE = "Tinh thue chuyen nhuong"  # a header of HTTP, so without marks
#: Seconds that a decision may take to reach the gateway, and to wait for one answer.
EFFECT, PATIENCE = 30.0, 10.0
SESSION = "bus_tour"
_DESCRIPTION = Path(__file__).parent / "simulators" / "agency_openapi.json"
_SYSTEM = "Hệ thống định giá đất của Sở Tài chính (trình diễn)"


class NotYet(DomainError):
    """A step before this one is not done."""

    code = "tour.not_yet"


@dataclass
class Step:
    """One step as the page shows it."""

    verb: str
    title: str
    text: str
    account: str = ""
    button: str = ""
    done: bool = False
    link: str = ""
    link_text: str = ""
    exchange: dict[str, Any] = field(default_factory=dict)

    @property
    def repeats(self) -> bool:
        """Whether it may be done again once it is done: a call may."""
        return bool(self.exchange)

    @property
    def person(self) -> str:
        """Whose account it is."""
        return next((one.display_name for one in ACCOUNTS if one.username == self.account), "")


@require_http_methods(["GET", "POST"])
def tour(request: HttpRequest) -> HttpResponse:
    """The page; a POST does the step that its button names."""
    if not settings.DEMO or not settings.BUS_URL:
        raise NotFound(_("Trang này chỉ có ở tỉnh trình diễn."))
    fault = ""
    if request.method == "POST":
        told = request.session.get(SESSION, {})
        try:
            _DO[request.POST.get("step", "")](told)
        except KeyError:
            raise NotFound(_("Không có bước này.")) from None
        except (DomainError, httpx.HTTPError, ValueError) as error:
            fault = str(error)
        request.session[SESSION] = told
        if not fault:
            return redirect(f"{reverse('bus_tour')}#{request.POST['step']}")
    steps = _steps(request.session.get(SESSION, {}))
    context = {"steps": steps, "done": sum(step.done for step in steps), "total": len(steps), "fault": fault}
    return render(request, "house/bus_tour.html", context, status=400 if fault else 200)


def _steps(told: dict[str, Any]) -> list[Step]:
    version = _version()
    agreement = _agreement(told)
    calls = told.get("calls", {})
    state = agreement.state if agreement else ""
    catalogued = reverse("bus:service", args=(SERVICE,)) if version else ""
    agreed = reverse("bus:agreement", args=(agreement.code,)) if agreement else ""
    seen = agreement is not None and PersonalDataRead.objects.filter(agreement=agreement.code).exists()
    return [
        Step(
            "publish",
            _("Sở Nông nghiệp và Môi trường công bố dịch vụ dữ liệu"),
            _("Dịch vụ “Thông tin thửa đất” vào danh mục, với mô tả OpenAPI và địa chỉ hệ thống của Sở (mô phỏng)."),
            PROVIDER,
            _("Công bố"),
            version is not None,
            catalogued,
            _("Xem trong danh mục"),
        ),
        Step(
            "ask",
            _("Sở Tài chính đề nghị khai thác"),
            _(
                "Xin sáu trường để tính thuế: mã thửa, nơi, diện tích, loại đất, giá, họ tên. Không xin số định danh và địa "
                "chỉ."
            ),
            ASKER,
            _("Đề nghị"),
            agreement is not None,
            agreed,
            _("Xem đề nghị"),
        ),
        Step(
            "approve",
            _("Sở Nông nghiệp và Môi trường duyệt"),
            _("Không ai tự duyệt đề nghị của mình. Duyệt xong, cổng kết nối đổi trong vòng hai giây."),
            DECIDER,
            _("Duyệt"),
            state in ("approved", "suspended", "ended"),
        ),
        Step(
            "call",
            _("Hệ thống của Sở Tài chính gọi"),
            _(
                "Lấy mã truy cập bằng mật khẩu của hệ thống, rồi gọi qua cổng kết nối. Câu trả lời chỉ còn các trường đã duyệt."
            ),
            button=_("Gọi"),
            done=calls.get("call", {}).get("status") == 200,
            exchange=calls.get("call", {}),
        ),
        Step(
            "withdraw",
            _("Sở Nông nghiệp và Môi trường chấm dứt thỏa thuận"),
            _("Có hiệu lực cũng nhanh như khi duyệt."),
            DECIDER,
            _("Chấm dứt"),
            state == "ended",
        ),
        Step(
            "again",
            _("Hệ thống của Sở Tài chính gọi lại và bị từ chối"),
            _("Cùng lời gọi ấy, nay bị từ chối kèm lý do."),
            button=_("Gọi lại"),
            done=calls.get("again", {}).get("status") == 403,
            exchange=calls.get("again", {}),
        ),
        Step(
            "person",
            _("Người sử dụng đất thấy ai đã xem dữ liệu của mình"),
            _(
                "Sau lần gọi khoảng mười giây, lượt xem hiện trên trang của người dân: cơ quan nào, trường nào, để làm gì."
            ),
            CITIZEN,
            done=seen,
            link=f"{reverse('identity:sign_in')}?next={reverse('lookups:mine')}",
            link_text=_("Đăng nhập là người dân và xem"),
        ),
    ]


def _publish(_told: dict[str, Any]) -> None:
    provider = _who(PROVIDER)
    service = Service.objects.filter(code=SERVICE).first() or catalogue.register(
        provider,
        owner=_place("SNNMT"),
        code=SERVICE,
        title="Thông tin thửa đất",
        title_en="Land parcels",
        data="Thửa đất: nơi, diện tích, loại, giá, người sử dụng",
        contact_name="Phòng Đăng ký đất đai",
        contact_email="dangkydatdai@example.vn",
        description="Trình diễn: thửa đất và con người là giả định; hệ thống của Sở được mô phỏng.",
        personal=True,
        level="24/7, trả lời trong 1 giây",
    )
    if _version() is None:
        made = catalogue.add_version(
            provider, service=service, document=_DESCRIPTION.read_text(), upstream=settings.AGENCY_SIMULATOR_URL
        )
        catalogue.publish(provider, version=made)


def _ask(told: dict[str, Any]) -> None:
    version = _version()
    if version is None:
        raise NotYet(_("Hãy làm bước trước đã."))
    today = timezone.localdate()
    made = agreements.request(
        _who(ASKER),
        version=version,
        consumer=_place("STC"),
        fields={"parcel": AGREED},
        purpose="Tính thuế chuyển nhượng quyền sử dụng đất",
        legal_ground="Điều 12 Nghị định 278/2025/NĐ-CP",
        since=today,
        until=today + timedelta(days=30),
        per_minute=60,
        per_day=1000,
    )
    told.update(agreement=made.code, calls={})


def _approve(told: dict[str, Any]) -> None:
    _credentials()  # the system must be known to the gateway, too, before it calls
    agreements.approve(_who(DECIDER), agreement=_required(told))


def _end(told: dict[str, Any]) -> None:
    agreements.end(_who(DECIDER), agreement=_required(told), reason="Trình diễn: chấm dứt")


def _call(told: dict[str, Any]) -> None:
    _keep(told, "call", wanted=200)


def _call_again(told: dict[str, Any]) -> None:
    _keep(told, "again", wanted=403)


def _keep(told: dict[str, Any], name: str, *, wanted: int) -> None:
    """Call as the system would, and again while a decision is on its way to the gateway."""
    agreement = _required(told)
    began = time.monotonic()
    headers = {"Authorization": f"Bearer {_token()}", "X-Agreement": agreement.code, "X-Purpose": PURPOSE}
    address = f"{settings.BUS_URL}/lgsp/{SERVICE}/v{agreement.version.major}/parcels/{PARCEL}"
    while True:
        answer = httpx.get(address, headers=headers, timeout=PATIENCE, trust_env=False)
        if answer.status_code == wanted or time.monotonic() - began > EFFECT:
            break
        time.sleep(0.1)
    told.setdefault("calls", {})[name] = {
        "asked": f"GET {address}\nAuthorization: Bearer …\nX-Agreement: {agreement.code}\nX-Purpose: {PURPOSE}",
        "status": answer.status_code,
        "answer": _pretty(answer),
    }


def _pretty(answer: httpx.Response) -> str:
    try:
        return json.dumps(answer.json(), ensure_ascii=False, indent=2)[:4000]
    except ValueError:
        return answer.text[:4000]


def _start_again(told: dict[str, Any]) -> None:
    agreement = _agreement(told)
    if agreement and agreement.state in ("approved", "suspended"):
        agreements.end(_who(DECIDER), agreement=agreement, reason="Trình diễn: đi lại từ đầu")
    told.clear()


_DO: dict[str, Callable[[dict[str, Any]], None]] = {
    "publish": _publish,
    "ask": _ask,
    "approve": _approve,
    "call": _call,
    "withdraw": _end,
    "again": _call_again,
    "start": _start_again,
}


def _version() -> Version | None:
    found = Version.objects.filter(service__code=SERVICE, state__in=(Version.State.PUBLISHED, Version.State.DEPRECATED))
    return found.order_by("-major").first()


def _agreement(told: dict[str, Any]) -> ServiceAgreement | None:
    found = ServiceAgreement.objects.filter(code=told.get("agreement", ""), version__service__code=SERVICE)
    return found.select_related("version").first()


def _required(told: dict[str, Any]) -> ServiceAgreement:
    agreement = _agreement(told)
    if agreement is None:
        raise NotYet(_("Hãy làm bước trước đã."))
    return agreement


def _who(username: str) -> Actor:
    return actor_of(Account.objects.get(username=username))


def _place(short: str) -> Organization:
    today = timezone.localdate()
    return Organization.objects.get(
        kind=Organization.Kind.DEPARTMENT,
        versions__short_name=short,
        versions__valid__contains=today,
        valid__contains=today,
    )


def _credentials() -> tuple[str, str]:
    """The system of the department of finance and its password; registered, or given another password, when either is
    not known here."""
    kept = settings.STATE.path / "secrets" / "bus_tour.json"
    found = System.objects.filter(client__name=_SYSTEM, disabled_at=None).first()
    if found and kept.exists():
        told = json.loads(kept.read_text())
        if told["id"] == str(found.client_id):
            return told["id"], told["secret"]
    actor = system("Tỉnh trình diễn")
    if found:
        secret = sso.new_secret(actor, system=found)
    else:
        found, secret = sso.register(
            actor,
            owner=_place("STC"),
            name=_SYSTEM,
            purpose="Trình diễn trục chia sẻ dữ liệu",
            contact_name="Phòng Quản lý giá",
            contact_email="giadat@example.vn",
            scopes=["api.read"],
            redirect_uris=[],
            proof=System.Proof.BASIC,
            for_itself=True,
        )
    kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept.touch(mode=0o600)
    kept.write_text(json.dumps({"id": str(found.client_id), "secret": secret}))
    return str(found.client_id), secret


def _token() -> str:
    answer = httpx.post(
        f"{settings.BASE_URL}/sso/ma",
        data={"grant_type": "client_credentials", "scope": "api.read"},
        auth=_credentials(),
        timeout=PATIENCE,
        trust_env=False,
    )
    answer.raise_for_status()
    return str(answer.json()["access_token"])


urlpatterns = [path("huong-dan/truc-du-lieu", tour, name="bus_tour")]
