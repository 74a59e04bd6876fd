"""Who acts: a person with grants, a system, or a stranger. Deny by default, and able to explain itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from django.utils.translation import gettext as _

from .errors import NotAllowed
from .permissions import label


@dataclass(frozen=True)
class Grant:
    """Permissions that hold in one organisation and everything below it.

    `path` is the organisation's materialised path (``/1/5/``): the grant reaches every organisation
    whose path starts with it. `source` says in words where the grant comes from (position, delegation); `lent_by` is
    whose powers they are when they are lent (`lender_id` the official), `emergency` that they were taken in one.
    """

    permissions: frozenset[str]
    organization_id: int
    path: str
    source: str
    lent_by: str = ""
    emergency: bool = False
    lender_id: int | None = None


@dataclass(frozen=True)
class Limit:
    """To what somebody who was appointed to act for a party is limited; nothing named is everything.

    `acts`: ``file``, ``pay``, ``receive``. `procedures`: codes. `most`: đồng that may be paid at once.
    """

    party_id: int
    acts: frozenset[str] = frozenset()
    procedures: frozenset[str] = frozenset()
    most: int | None = None

    def allows(self, act: str = "", procedure: str = "", amount: int = 0) -> bool:
        """Whether this act, for this procedure, with this amount, lies within it; what is left out is not asked."""
        return (
            (not act or not self.acts or act in self.acts)
            and (not procedure or not self.procedures or procedure in self.procedures)
            and (self.most is None or amount <= self.most)
        )


@dataclass(frozen=True)
class Decision:
    """The answer to "may this actor do this?", with each rule that was looked at."""

    allowed: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Actor:
    """Whoever asks for an action. Built once a request by ``identity``; tests build it directly."""

    kind: Literal["anonymous", "account", "system"] = "anonymous"
    label: str = "Khách"
    account_id: int | None = None
    party_id: int | None = None
    official_id: int | None = None
    organization_id: int | None = None
    grants: tuple[Grant, ...] = ()
    ip: str = ""
    request_id: str = ""
    purpose: str = ""
    represented: frozenset[int] = field(default_factory=frozenset)
    limits: tuple[Limit, ...] = ()
    emergency: int | None = None  # emergency powers that are open: all that is done meanwhile is marked
    acting_for: list[str] = field(default_factory=list, compare=False, repr=False)  # whose lent powers were needed

    def decide(self, permission: str, path: str = "/") -> Decision:
        """Whether `permission` is granted at the organisation with this `path`, and which rules said so."""
        if self.kind == "system":
            return Decision(True, (_("Tiến trình hệ thống “%(name)s”.") % {"name": self.label},))
        reasons: list[str] = []
        for grant in self.grants:
            words = {"source": grant.source, "permission": label(permission)}
            if permission not in grant.permissions:
                reasons.append(_("%(source)s: không có quyền “%(permission)s”.") % words)
            elif not path.startswith(grant.path):
                reasons.append(_("%(source)s: có quyền “%(permission)s” nhưng chỉ trong phạm vi đơn vị đó.") % words)
            else:
                return Decision(True, (_("%(source)s: có quyền “%(permission)s”.") % words,))
        return Decision(False, tuple(reasons) or (_("Tài khoản không có vai trò nào."),))

    def require_somewhere(self, permission: str, words: str) -> tuple[str, ...]:
        """The paths of the organisations where `permission` is granted; :class:`NotAllowed` in these words when there are
        none."""
        paths = self.paths_with(permission)
        if not paths:
            raise NotAllowed(words, permission=permission, reasons=self.decide(permission).reasons)
        return paths

    def can(self, permission: str, path: str = "/") -> bool:
        """What :meth:`decide` says, without its words."""
        if self.kind == "system":
            return True
        return any(permission in grant.permissions and path.startswith(grant.path) for grant in self.grants)

    def require(self, permission: str, path: str = "/") -> None:
        """Raise :class:`NotAllowed` with the reasons unless `permission` is granted at `path`."""
        decision = self.decide(permission, path)
        if not decision.allowed:
            raise NotAllowed(
                _("Bạn không có quyền thực hiện việc này."), permission=permission, reasons=decision.reasons
            )
        lender = self.lender(permission, path)
        if lender and lender not in self.acting_for:
            self.acting_for.append(lender)

    def require_lasting(self, permission: str, path: str = "/") -> None:
        """Like :meth:`require`, for what gives somebody powers or decides about them: those that the actor took in an
        emergency end by the hour, so they found nothing that stays."""
        self.require(permission, path)
        giving = [g for g in self.grants if permission in g.permissions and path.startswith(g.path)]
        if giving and all(grant.emergency for grant in giving):
            raise NotAllowed(_("Quyền khẩn cấp không dùng để giao hay quyết định quyền của ai."), permission=permission)

    def lender(self, permission: str, path: str = "/") -> str:
        """Whose lent powers allow this; empty when one's own do."""
        giving = [g.lent_by for g in self.grants if permission in g.permissions and path.startswith(g.path)]
        return giving[0] if giving and all(giving) else ""

    def paths_with(self, permission: str) -> tuple[str, ...]:
        """The organisation paths under which `permission` is granted (for filtering lists)."""
        if self.kind == "system":
            return ("/",)
        return tuple(sorted({g.path for g in self.grants if permission in g.permissions}))

    def acts_for(self, party_id: int | None) -> bool:
        """Whether the actor is this party or represents it today."""
        return party_id is not None and (party_id == self.party_id or party_id in self.represented)

    def limit_for(self, party_id: int | None) -> Limit | None:
        """What limits the actor when acting for this party; None when nothing does."""
        return next((limit for limit in self.limits if limit.party_id == party_id), None)

    def may_for(self, party_id: int | None, act: str = "", *, procedure: str = "", amount: int = 0) -> bool:
        """Whether the actor may do this (``file``, ``pay``, ``receive``; empty: look) for this party today."""
        limit = self.limit_for(party_id)
        return self.acts_for(party_id) and (limit is None or limit.allows(act, procedure, amount))

    def with_purpose(self, purpose: str) -> Actor:
        """The same actor, acting for a stated purpose (written into audit entries)."""
        return replace(self, purpose=purpose)


ANONYMOUS = Actor()


def system(label: str) -> Actor:
    """The actor of background work: `label` names the process in the audit log, for the purpose ``background``."""
    return Actor(kind="system", label=label, purpose="background")
