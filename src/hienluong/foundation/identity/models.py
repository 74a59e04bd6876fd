"""Accounts and what they may do: roles are sets of permissions, held through positions or by grant."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations.models import Official, Organization, Position
from hienluong.foundation.people.models import Party


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, username: str, password: str | None = None, **fields: object) -> Account:
        """Create an account with a hashed password (none: sign-in by password is closed)."""
        account = self.model(username=username, **fields)
        account.set_password(password)
        account.save()
        return account


class Account(AbstractBaseUser):
    """One account for everything: of a citizen (`party`), an official (`official`), or both."""

    username = models.CharField(max_length=150, unique=True)
    display_name = models.CharField(max_length=150)
    email = models.EmailField(blank=True)
    party = models.OneToOneField(Party, models.PROTECT, null=True, blank=True, related_name="account")
    official = models.OneToOneField(Official, models.PROTECT, null=True, blank=True, related_name="account")
    language = models.CharField(max_length=5, default="vi", choices=(("vi", "Tiếng Việt"), ("en", "English")))
    theme = models.CharField(
        max_length=5, default="auto", choices=(("auto", _("Tự động")), ("light", _("Sáng")), ("dark", _("Tối")))
    )
    is_active = models.BooleanField(default=True)
    one_time_until = models.DateTimeField(null=True, blank=True)  # set: the password was given by another, once
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]

    objects: ClassVar[AccountManager] = AccountManager()

    def __str__(self) -> str:
        return self.display_name or self.username

    @property
    def must_change_password(self) -> bool:
        """Whether the password is a one-time one, with which nothing else can be done."""
        return self.one_time_until is not None


class Role(models.Model):
    """A named set of permission codes; positions and grants refer to it by `code`."""

    code = models.CharField(max_length=40, primary_key=True)
    name = models.CharField(max_length=100)
    permissions = ArrayField(models.CharField(max_length=80), default=list)

    def __str__(self) -> str:
        return self.name


class RoleGrant(models.Model):
    """A role given to an account directly, without a position (system administrators, auditors)."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="role_grants")
    role = models.ForeignKey(Role, models.PROTECT)
    organization = models.ForeignKey(Organization, models.PROTECT)
    valid = DateRangeField()
    reason = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.account}: {self.role}"


class Suspension(models.Model):
    """A post or a role whose powers rest: it stays on record, and gives nothing until the suspension is lifted."""

    position = models.ForeignKey(Position, models.CASCADE, null=True, related_name="suspensions")
    grant = models.ForeignKey(RoleGrant, models.CASCADE, null=True, related_name="suspensions")
    reason = models.CharField(max_length=300)
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(position=None) ^ models.Q(grant=None), name="suspension_of_one_thing"
            ),
            models.UniqueConstraint(
                fields=("position",), condition=models.Q(lifted_at=None), name="suspension_of_post_once"
            ),
            models.UniqueConstraint(
                fields=("grant",), condition=models.Q(lifted_at=None), name="suspension_of_role_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position or self.grant}"


class Emergency(models.Model):
    """Powers taken in an emergency for some hours: by whom, which, why, and what a second person found afterwards."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="emergencies")
    role = models.ForeignKey(Role, models.PROTECT)
    organization = models.ForeignKey(Organization, models.PROTECT)
    reason = models.CharField(max_length=500)
    began_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # given back before
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    justified = models.BooleanField(null=True)
    findings = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("began_at")), name="emergency_ends"),
        ]
        indexes = [
            models.Index(fields=("account",), condition=models.Q(ended_at=None), name="emergency_open"),
            models.Index(fields=("-began_at",), name="emergency_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.account}: {self.role}"


class SignInAttempt(models.Model):
    """One try to sign in by password. Keyed hashes only: the row tells nobody who tried or from where."""

    pair = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    at = models.DateTimeField()
    failed = models.BooleanField(default=True)

    class Meta:
        indexes = [
            models.Index(fields=("pair", "at"), condition=models.Q(failed=True), name="identity_attempt_pair"),
            models.Index(fields=("address", "at"), condition=models.Q(failed=True), name="identity_attempt_address"),
            models.Index(fields=("at",), name="identity_attempt_at"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {'failed' if self.failed else 'succeeded'}"


class RateWindow(models.Model):
    """How often something was done in one window of time (see ``limits.py``)."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.IntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key[:8]}: {self.count}"


class SavedView(models.Model):
    """The filters, columns and order of a list under a name, kept by an official for himself (see ``saved.py``)."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=120)  # the list: ``workplace:inbox``, ``records:<register>``
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    is_default = models.BooleanField(default=False)  # the page opens with these filters
    address = ""  # where it is changed; said by the page that shows it

    class Meta:
        ordering = ("name",)
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("account", "page", "name"), name="saved_view_once"),
            models.UniqueConstraint(
                fields=("account", "page"), name="one_first_view", condition=models.Q(is_default=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name
