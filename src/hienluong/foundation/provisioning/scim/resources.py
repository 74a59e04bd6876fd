"""What the province speaks of over SCIM: officials as users, units and roles within them as groups."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    ComplexAttribute,
    EnterpriseUser,
    ETag,
    Extension,
    Filter,
    Group,
    Mutability,
    Patch,
    Required,
    ResourceType,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    User,
)

#: Most resources in one answer.
MOST = 200


class Position(ComplexAttribute):
    """One post of an official."""

    organization: Annotated[str | None, Required.true] = None
    """The agency identifier, ``H50.08.12``."""

    title: Annotated[str | None, Required.true] = None
    """As the decision of appointment says it."""

    role: Annotated[str | None, Required.true] = None
    """The code of a role: ``officer``, ``head`` …"""

    primary: bool | None = None
    """Whether it is the main post."""

    valid_from: str | None = None
    """The first day, ``2026-11-26``; today when left out."""

    valid_to: str | None = None
    """The last day; left out while the post is open."""


class Posts(Extension):
    """The posts of an official with their dates: what the standard schemas cannot say."""

    __schema__ = URN("urn:hienluong:params:scim:schemas:extension:posts:1.0:User")

    positions: list[Position] | None = None
    """Posts that are not over. Writing them ends those that are no longer named, from today on."""


class Place(Extension):
    """Where a group stands in the government."""

    __schema__ = URN("urn:hienluong:params:scim:schemas:extension:place:1.0:Group")

    organization: Annotated[str | None, Mutability.read_only] = None
    """The agency identifier."""

    role: Annotated[str | None, Mutability.read_only] = None
    """The code of the role whose holders the members are; absent for a unit."""

    parent: Annotated[str | None, Mutability.read_only] = None
    """The agency identifier of the unit above."""


OfficialUser: Any = User[EnterpriseUser | Posts]
_GROUP: Any = Group  # generic only through its base
UnitGroup: Any = _GROUP[Place]
PROVIDER: Any = ScimProvider(
    models=[User, EnterpriseUser, Posts, Group, Place],
    resource_types=[ResourceType.from_resource(OfficialUser), ResourceType.from_resource(UnitGroup)],
    config=ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=MOST),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=True),
        etag=ETag(supported=True),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="OAuth Bearer Token",
                description="Client credentials with the scope scim",
                primary=True,
            )
        ],
    ),
)


def day(text: str | None) -> date | None:
    """A day of a post; ValueError for anything but ``2026-11-26``."""
    return date.fromisoformat(text) if text else None
