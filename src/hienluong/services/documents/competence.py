"""Who may sign for an agency, and what then stands above the name (Nghị định 30/2020/NĐ-CP, Điều 13).

The head signs, for a committee "TM."; a deputy "KT." the head; an acting head "Q."; the head of a division "TL.", and
"TUQ." while a written delegation of the head's power to sign runs. Who signs what was submitted to somebody else that is
away: :mod:`.standing_in`.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.identity.models import Role
from hienluong.foundation.identity.suspending import resting
from hienluong.foundation.organisations.models import Delegation, Official, Organization, Position

from .agencies import AGENCY_KINDS
from .letterheads import Letterhead
from .models import Competence

_HEADS = (
    "chủ tịch",
    "giám đốc",
    "tổng giám đốc",
    "chánh",
    "trưởng",
    "cục trưởng",
    "chi cục trưởng",
    "viện trưởng",
    "thủ trưởng",
)


@dataclass(frozen=True)
class Post:
    """A post of an official, seen from an agency: its title, and whether it is in the agency itself or in a division."""

    official: Official
    organization: Organization
    title: str
    in_agency: bool

    @property
    def is_deputy(self) -> bool:
        """Whether it is a deputy's."""
        return self.title.lower().startswith("phó")

    @property
    def is_acting(self) -> bool:
        """Whether it is held for the time being."""
        return self.title.lower().startswith(("quyền ", "q. "))

    @property
    def is_head(self) -> bool:
        """Whether it leads the agency or the division."""
        return self.title.lower().startswith(_HEADS)

    @property
    def label(self) -> str:
        """Name and post, as lists show them."""
        place = "" if self.in_agency else f", {self.organization.name}"
        return f"{self.official.full_name} ({self.title}{place})"


def posts_in(agency: Organization, *permissions: str) -> list[Post]:
    """The posts in an agency and its divisions whose role gives one of `permissions` today; two queries."""
    asked = Q()
    for permission in permissions:
        asked |= Q(permissions__contains=[permission])
    roles = list(Role.objects.filter(asked).values_list("code", flat=True))
    held = (
        Position.objects.filter(
            ~resting(),
            organization__path__startswith=agency.path,
            role__in=roles,
            valid__contains=timezone.localdate(),
        )
        .select_related("official", "organization")
        .order_by("official__sort_name", "pk")
    )
    inside = within(agency)
    return [of_position(post, agency) for post in held if post.organization_id in inside]


def of_position(post: Position, agency: Organization) -> Post:
    """A post as it is seen from an agency."""
    return Post(post.official, post.organization, post.title, post.organization_id == agency.pk)


def within(agency: Organization) -> set[int]:
    """The ids of an agency and of what lies below it without a seal of its own."""
    below = Organization.objects.filter(path__startswith=agency.path).values_list("pk", "path", "kind")
    rows = list(below)
    others = [path for pk, path, kind in rows if pk != agency.pk and kind in AGENCY_KINDS]
    return {pk for pk, path, _kind in rows if not any(path.startswith(other) for other in others)}


def members(agency: Organization, permission: str = "documents.read") -> list[Post]:
    """Who works with documents in an agency and its divisions."""
    return posts_in(agency, permission)


def post_for(agency: Organization, official: Official, competence: str) -> Post:
    """The post by which an official may sign this way for an agency today; :class:`InvalidInput` says why there is none."""
    held = [post for post in posts_in(agency, "documents.sign", "documents.approve") if post.official == official]
    signing = {post.organization.pk for post in posts_in(agency, "documents.sign") if post.official == official}
    for post in held:
        if fits(post, competence, agency, may_sign=post.organization.pk in signing):
            return post
    raise InvalidInput(_refusal(official, competence, held), field="signer", code="documents.not_entitled")


def fits(post: Post, competence: str, agency: Organization, *, may_sign: bool) -> bool:
    """Whether somebody with this post signs this way by their own right; `may_sign`: their role lets them sign."""
    top = post.in_agency and may_sign
    if competence == Competence.OWN:
        return top and post.is_head
    if competence == Competence.TM:
        return top and (post.is_head or post.is_deputy) and agency.kind in ("province", "district", "commune")
    if competence == Competence.Q:
        return top and post.is_acting
    if competence == Competence.KT:
        return top and post.is_deputy
    if competence == Competence.TL:
        return not post.in_agency and post.is_head
    if competence == Competence.TUQ:
        return not post.in_agency and post.is_head and _has_delegation(post.official, agency)
    return False


def _has_delegation(official: Official, agency: Organization) -> bool:
    """Whether the head of the agency lends this official the power to sign today.

    A post that ended, that rests or that has no power to sign lends none.
    """
    running = Delegation.objects.filter(
        Q(permissions=[]) | Q(permissions__contains=["documents.sign"]),
        delegate=official,
        valid__contains=timezone.localdate(),
        revoked_at__isnull=True,
    ).values_list("position", flat=True)
    held = Position.objects.filter(
        ~resting(),
        pk__in=running,
        organization=agency,
        role__in=Role.objects.filter(permissions__contains=["documents.sign"]).values("code"),
        valid__contains=timezone.localdate(),
    ).select_related("official", "organization")
    return any(post.is_head or post.is_acting for post in (of_position(each, agency) for each in held))


def _refusal(official: Official, competence: str, held: list[Post]) -> str:
    words = {"name": official.full_name, "how": Competence(competence).label}
    if not held:
        return _("%(name)s không giữ chức vụ có quyền ký tại cơ quan ban hành.") % words
    words["posts"] = "; ".join(post.title for post in held)
    return (
        _("Chức vụ của %(name)s (%(posts)s) không ký theo thể thức “%(how)s” được (Nghị định 30/2020/NĐ-CP, Điều 13).")
        % words
    )


def usual(post: Post, letterhead: Letterhead) -> str:
    """How somebody with this post usually signs."""
    if not post.in_agency:
        return Competence.TL
    if post.is_acting:
        return Competence.Q
    if letterhead.collective:
        return Competence.TM
    return Competence.KT if post.is_deputy else Competence.OWN


def lines(post: Post, competence: str, letterhead: Letterhead) -> tuple[tuple[str, ...], str]:
    """What stands above the name: the lines of the authority, and the title of who signs."""
    head = letterhead.head_title.upper()
    title = post.title.upper()
    if competence == Competence.TM:
        committee = f"TM. {letterhead.collective.upper()}"
        return ((committee, f"KT. {head}") if post.is_deputy else (committee,)), title
    if competence == Competence.KT:
        return (f"KT. {head}",), title
    if competence == Competence.TL:
        order = f"TL. {head}"
        return ((order, f"KT. {_head_of(post)}") if post.is_deputy else (order,)), title
    if competence == Competence.TUQ:
        return (f"TUQ. {head}",), title
    if competence == Competence.Q:
        bare = post.title.split(" ", 1)[-1]
        return (), f"Q. {bare.upper()}"
    return (), title


def _head_of(deputy: Post) -> str:
    """What the head is called whose deputy somebody is: PHÓ CHÁNH VĂN PHÒNG is the deputy of the CHÁNH VĂN PHÒNG."""
    title = deputy.title[len("phó") :].strip()
    return (title if title.lower().startswith(_HEADS) else f"Trưởng {title}").upper()
