"""How the gateway goes to a version beyond its address: a new server that gets its part first, copies, answers that are
kept, when a provider is left alone, protocols that pass through unread.

Kept in ``Version.routing``; said with the address in :func:`.catalogue.serve`, so by who declares services of the owner.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput
from hienluong.ui import money

from .gateway.snapshot import Breaker, Canary
from .models import Service, Version

#: Seconds an answer may be kept, calls at once, failures one after the other, seconds that a provider is left alone.
MOST_CACHE, MOST_AT_ONCE, MOST_FAILURES, MOST_REST = 86_400, 4096, 1000, 600
_CONNECTIONS = 256


@dataclass(frozen=True)
class Routing:
    """What is said of one version; as it is when nothing was said."""

    canary: str = ""  # where the new server of this version answers
    canary_percent: int = 0  # of the calls that go there
    mirror: str = ""  # gets a copy of each call; what it answers is thrown away
    cache: int = 0  # seconds for which an answer to GET may be kept
    at_once: int = 1024  # calls under way
    failures: int = 10  # one after the other, then it is left alone
    rest: int = 5  # seconds, for so long
    websocket: bool = False
    grpc: bool = False

    @property
    def breaker(self) -> Breaker:
        """As the gateway has it."""
        connections = min(_CONNECTIONS, self.at_once)
        return Breaker(connections, connections, self.at_once, self.failures, self.rest)

    def for_gateway(self, service: Service) -> dict[str, Any]:
        """The same as members of the snapshot. What does not go with data of persons is left out, whenever it was said."""
        unread = not service.personal
        new = self.canary and self.canary_percent
        return {
            "breaker": self.breaker,
            "canary": Canary(self.canary, self.canary_percent) if new else None,
            "mirror": self.mirror or None,
            "cache_s": self.cache if unread else 0,
            "websocket": self.websocket and unread,
            "grpc": self.grpc and unread,
            "personal": service.personal,
        }


NAMES = tuple(each.name for each in fields(Routing))


def of(version: Version) -> Routing:
    """What was said of a version."""
    return Routing(**{name: value for name, value in version.routing.items() if name in NAMES})


def checked(service: Service, upstream: str, said: Routing, *, whole: bool) -> dict[str, Any]:
    """What is kept of it; raises InvalidInput, at the field. Whether addresses may be gone to was asked before.

    Data of persons go to no mirror of somebody else, are not kept on the way, and pass the mediator, which tells those
    persons: so no protocol passes that it cannot read (Law 91/2025/QH15).
    """
    if not 0 <= said.canary_percent <= 100:
        raise InvalidInput(_("Phần trăm từ 0 đến 100."), field="canary_percent")
    if said.canary_percent and not said.canary:
        raise InvalidInput(_("Cần địa chỉ của máy chủ mới."), field="canary")
    for name, least, most in (
        ("cache", 0, MOST_CACHE),
        ("at_once", 1, MOST_AT_ONCE),
        ("failures", 1, MOST_FAILURES),
        ("rest", 1, MOST_REST),
    ):
        if not least <= getattr(said, name) <= most:
            words = _("Từ %(least)d đến %(most)d.") % {"least": least, "most": most}
            raise InvalidInput(money.grouped_in(words), field=name)
    if service.personal:
        _check_personal(upstream, said)
    if said.websocket and said.grpc:
        raise InvalidInput(_("Một phiên bản chỉ đi bằng một giao thức: WebSocket hoặc gRPC."), field="grpc")
    if (said.websocket or said.grpc) and not whole:
        words = _("WebSocket và gRPC đi qua không soi được: hãy đánh dấu “cho qua thẳng”.")
        raise InvalidInput(words, field="whole")
    if said.grpc and urlsplit(upstream).path.strip("/"):
        raise InvalidInput(_("Địa chỉ của dịch vụ gRPC không có phần sau tên máy chủ."), field="upstream")
    return asdict(said)


def _check_personal(upstream: str, said: Routing) -> None:
    if said.mirror and urlsplit(said.mirror).hostname != urlsplit(upstream).hostname:
        words = _(
            "Lời gọi về dữ liệu cá nhân chỉ được sao tới chính máy chủ của bên cung cấp (cùng tên với nơi dịch vụ chạy)."
        )
        raise InvalidInput(words, code="bus.personal_mirror", field="mirror")
    if said.cache:
        raise InvalidInput(
            _("Câu trả lời có dữ liệu cá nhân không được giữ lại."), code="bus.personal_cache", field="cache"
        )
    for name in ("websocket", "grpc"):
        if getattr(said, name):
            words = _("Dữ liệu cá nhân phải đi qua bộ trung gian, nên không dùng được giao thức này.")
            raise InvalidInput(words, code="bus.personal_protocol", field=name)
