"""The data-sharing bus: services of agencies, their versions, who may call what, and what was called.

Nothing here is read when a call passes: the gateway has files, written by :mod:`.publishing`.
"""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField, DateRangeField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization


class Service(models.Model):
    """A data service of an organisation: what it is called, whose it is, what data it carries, who answers for it."""

    code = models.CharField(max_length=40, unique=True)  # part of the address: land-prices
    title = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200, blank=True)
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    contact_name = models.CharField(max_length=120)
    contact_email = models.EmailField()
    description = models.TextField(max_length=2000, blank=True)
    data = models.CharField(max_length=500)  # what it carries, in words
    personal = models.BooleanField(default=False)  # whether that is data of persons
    level = models.CharField(max_length=300, blank=True)  # what its owner promises: hours, availability, speed
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(code__regex=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"), name="bus_service_code"),
        ]

    def __str__(self) -> str:
        return self.title


class Version(models.Model):
    """One major version of a service: its description as it was uploaded, where it is served, how far its life has got."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Bản nháp")
        TEST = "test", _("Chạy thử")
        PUBLISHED = "published", _("Đang cung cấp")
        DEPRECATED = "deprecated", _("Sắp ngừng")
        RETIRED = "retired", _("Đã ngừng")

    class Kind(models.TextChoices):
        OPENAPI = "openapi", "OpenAPI"
        WSDL = "wsdl", "WSDL"

    service = models.ForeignKey(Service, models.PROTECT, related_name="versions")
    major = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    kind = models.CharField(max_length=7, choices=Kind.choices, default=Kind.OPENAPI)
    document = models.TextField()  # as it was uploaded
    number = models.CharField(max_length=40, blank=True)  # what the document calls itself: 1.4.2
    upstream = models.URLField(max_length=300, blank=True)  # where it is served; empty while that is not known
    sandbox = models.URLField(max_length=300, blank=True)  # the same with data for trying
    timeout = models.PositiveSmallIntegerField(default=10)  # seconds
    retries = models.PositiveSmallIntegerField(default=0)  # of what may be repeated (GET)
    whole = models.BooleanField(default=False)  # an agreement on all fields is let through unread, and so quicker
    routing = models.JSONField(default=dict)  # breaker, tls, canary, mirror, websocket, grpc, cache (see routing.py)
    retires_on = models.DateField(null=True)  # the first day without it
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("service_id", "-major")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("service", "major"), name="bus_version_once"),
            models.CheckConstraint(condition=Q(major__gte=1), name="bus_version_from_one"),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "test", "published", "deprecated", "retired")), name="bus_version_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="deprecated") | Q(retires_on__isnull=False), name="bus_deprecated_until"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | ~Q(upstream="") | ~Q(sandbox=""), name="bus_version_is_somewhere"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service.code} v{self.major}"


class VersionStep(models.Model):
    """One thing that became of a version: the news that engineers read."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="steps")
    state = models.CharField(max_length=10, choices=Version.State.choices)
    number = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField(auto_now_add=True)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", db_index=False)
    label = models.CharField(max_length=200)
    text = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.version_id} {self.state}"


class Operation(models.Model):
    """One operation of a version, as its description has it."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="operations")
    name = models.CharField(max_length=80)  # operationId
    method = models.CharField(max_length=7)
    template = models.CharField(max_length=300)  # /parcels/{id}
    title = models.CharField(max_length=300, blank=True)
    fields = models.JSONField(default=list)  # dotted names of what the answer carries: owner.name
    person_pointer = models.CharField(max_length=200, blank=True)  # where in the answer the personal number is
    request_schema = models.JSONField(null=True)
    response_schema = models.JSONField(null=True)
    turning = models.JSONField(default=dict, db_default={})  # codes, encoding: turned on the way (translating.py)

    class Meta:
        ordering = ("version_id", "template", "method")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("version", "name"), name="bus_operation_once"),
            models.UniqueConstraint(fields=("version", "method", "template"), name="bus_operation_one_address"),
        ]

    def __str__(self) -> str:
        return self.name


class ServiceAgreement(models.Model):
    """What one organisation may call of another's service: operations, fields, how often, when, from where, what for.

    Terms never change once they are asked for: other terms are another agreement (NĐ 278/2025/NĐ-CP, Law 91/2025/QH15).
    """

    class State(models.TextChoices):
        REQUESTED = "requested", _("Chờ duyệt")
        APPROVED = "approved", _("Đã duyệt")
        REFUSED = "refused", _("Đã từ chối")
        SUSPENDED = "suspended", _("Tạm dừng")
        ENDED = "ended", _("Đã chấm dứt")

    code = models.CharField(max_length=40, unique=True)  # TTDV-2026-0001
    version = models.ForeignKey(Version, models.PROTECT, related_name="agreements")
    consumer = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    fields = models.JSONField()  # by name of the operation: dotted names of its answer, in the order described
    per_minute = models.PositiveIntegerField()  # calls of one system
    per_day = models.PositiveIntegerField(null=True)  # records; None: as many as the calls bring
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=list)  # 0 Monday … 6 Sunday; empty: every day
    from_hour = models.PositiveSmallIntegerField(default=0)  # of the day in Việt Nam
    to_hour = models.PositiveSmallIntegerField(default=24)  # the first hour without
    addresses = ArrayField(models.CharField(max_length=45), default=list)  # CIDR; empty: from anywhere
    sign = models.BooleanField(default=False)  # requests and answers are signed (RFC 9421)
    purpose = models.CharField(max_length=200)
    legal_ground = models.CharField(max_length=300)
    valid = DateRangeField()  # days; the upper bound is the first day without it
    state = models.CharField(max_length=9, choices=State.choices, default=State.REQUESTED)
    approved_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("version", "state"), name="bus_agreement_by_version")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=("requested", "approved", "refused", "suspended", "ended")),
                name="bus_agreement_state",
            ),
            models.CheckConstraint(
                condition=Q(valid__isempty=False, valid__lower_inf=False, valid__upper_inf=False),
                name="bus_agreement_ends_some_day",
            ),
            models.CheckConstraint(condition=Q(per_minute__gte=1), name="bus_agreement_pace"),
            models.CheckConstraint(condition=Q(per_day=None) | Q(per_day__gte=1), name="bus_agreement_volume"),
            models.CheckConstraint(
                condition=Q(from_hour__lt=F("to_hour"), to_hour__lte=24), name="bus_agreement_hours"
            ),
            models.CheckConstraint(
                condition=~Q(fields={}) & ~Q(purpose="") & ~Q(legal_ground=""), name="bus_agreement_says_what_and_why"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("requested", "refused"), approved_at=None)
                | Q(state__in=("approved", "suspended", "ended"), approved_at__isnull=False),
                name="bus_agreement_approved_once",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class ServiceAgreementStep(models.Model):
    """One thing that was decided about an agreement: what it became, who decided it, when and why."""

    agreement = models.ForeignKey(ServiceAgreement, models.PROTECT, related_name="steps")
    state = models.CharField(max_length=9, choices=ServiceAgreement.State.choices)
    at = models.DateTimeField(auto_now_add=True)
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", db_index=False)
    label = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.agreement_id} {self.state}"


class Usage(models.Model):
    """What passed the gateway in one hour, for one operation under one agreement; taken from its access log.

    Refusals before an agreement was found are under the empty code.
    """

    day = models.DateField()  # in Việt Nam
    hour = models.PositiveSmallIntegerField()
    operation = models.CharField(max_length=140)  # land-prices/v1/list
    agreement = models.CharField(max_length=40)
    calls = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)  # of these: answered 4xx
    limited = models.BigIntegerField(default=0, db_default=0)  # of those refused: over a quota (429)
    errors = models.BigIntegerField(default=0)  # of these: answered 5xx, or not at all
    latency = ArrayField(models.BigIntegerField())  # calls by duration, in the buckets of usage.BOUNDS
    milliseconds = models.BigIntegerField(default=0, db_default=0)  # of all calls together
    received = models.BigIntegerField(default=0)  # bytes
    sent = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("day", "hour", "operation", "agreement"), name="bus_usage_once"),
        ]
        indexes: ClassVar = [models.Index(fields=("agreement", "day"), name="bus_usage_by_agreement")]

    def __str__(self) -> str:
        return f"{self.day} {self.hour}h {self.operation} {self.agreement}"


class Minute(models.Model):
    """What one system called in one minute: what alarms and quotas are measured by, kept for some hours only."""

    at = models.DateTimeField()  # when the minute began
    operation = models.CharField(max_length=140)
    agreement = models.CharField(max_length=40)
    client = models.CharField(max_length=100)  # client_id
    calls = models.BigIntegerField()
    refused = models.BigIntegerField()
    limited = models.BigIntegerField()
    errors = models.BigIntegerField()
    latency = ArrayField(models.BigIntegerField())  # as of Usage

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("at", "operation", "agreement", "client"), name="bus_minute_once"),
        ]

    def __str__(self) -> str:
        return f"{self.at} {self.operation} {self.agreement} {self.client}"


class Peak(models.Model):
    """The most calls that one system made in one minute of a day under an agreement: how near its quota that came."""

    day = models.DateField()  # in Việt Nam
    agreement = models.CharField(max_length=40)
    calls = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("day", "agreement"), name="bus_peak_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.agreement}: {self.calls}"


class Latest(models.Model):
    """When an operation was last called under an agreement, and last answered well (2xx, 3xx)."""

    operation = models.CharField(max_length=140)
    agreement = models.CharField(max_length=40)
    called_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("operation", "agreement"), name="bus_latest_once")]

    def __str__(self) -> str:
        return f"{self.operation} {self.agreement} {self.answered_at}"


class Alert(models.Model):
    """Something that is not as it should be, from when it was noticed until it was over.

    `subject` is what it is about: an operation, an agreement, a system, or a part of the bus. `details` are the figures of
    the rule, as they last were. One is open for a rule and subject; who is told is in :mod:`.alerting`.
    """

    class Rule(models.TextChoices):
        ERRORS = "errors", _("Nhiều lượt lỗi")
        SILENT = "silent", _("Nguồn dữ liệu không trả lời")
        SLOW = "slow", _("Trả lời chậm")
        QUOTA = "quota", _("Gần hết hạn mức")
        QUOTA_FULL = "quota_full", _("Hết hạn mức")
        FILES = "files", _("Cổng kết nối chạy theo tệp cũ")
        OUTBOX = "outbox", _("Sự kiện chờ gửi quá lâu")
        UNDELIVERED = "undelivered", _("Có sự kiện không giao được")
        INTAKE = "intake", _("Lượt gọi chưa được ghi nhận")
        SYSTEM = "system", _("Hệ thống quốc gia không trả lời")

    rule = models.CharField(max_length=12, choices=Rule.choices)
    subject = models.CharField(max_length=140)
    details = models.JSONField(default=dict)
    provider = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    consumer = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()  # when it was last so
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-opened_at", "-pk")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("rule", "subject"), name="bus_alert_once", condition=Q(closed_at=None)),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")), name="bus_alert_closed_after"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=("-opened_at",), name="bus_alert_by_time")]

    def __str__(self) -> str:
        return f"{self.rule} {self.subject}"


class DailyReport(models.Model):
    """The calls of one day that an organisation provided and made, as they were counted when the day was closed.

    Never changed (migration 0005): what comes later shows as a difference beside it.
    """

    day = models.DateField()  # in Việt Nam
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    provided = models.JSONField()  # lines of .reporting: exact counts by operation and agreement
    consumed = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-day", "organization_id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("day", "organization"), name="bus_report_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.organization_id}"


class IntakeMark(models.Model):
    """How far an access log was taken in: moved in the transaction that writes what was read."""

    log = models.CharField(max_length=200, unique=True)
    inode = models.BigIntegerField()
    offset = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.log} {self.offset}"


class Call(models.Model):
    """One call that went through the mediator, which writes these rows itself: whose data it read, what proves it.

    Whom an answer was about is kept as blind indexes, and only until :mod:`.intake` has told those persons.
    """

    uid = models.UUIDField(unique=True, default=uuid.uuid4)
    at = models.DateTimeField(db_index=True)
    agreement = models.CharField(max_length=40)
    operation = models.CharField(max_length=140)  # land-prices/v1/list
    client = models.CharField(max_length=100)  # client_id
    purpose = models.CharField(max_length=200)
    address = models.CharField(max_length=45, blank=True, db_default="")
    status = models.PositiveSmallIntegerField()
    records = models.PositiveIntegerField(default=0, db_default=0)
    fields = ArrayField(models.CharField(max_length=200), default=list, db_default=[])  # what was let through
    persons = ArrayField(models.CharField(max_length=64), default=list, db_default=[])  # blind indexes
    request_digest = models.CharField(max_length=64, blank=True, db_default="")  # SHA-256
    answer_digest = models.CharField(max_length=64, blank=True, db_default="")
    signature = models.TextField(blank=True, db_default="")
    request_id = models.CharField(max_length=64, blank=True, db_default="")  # what every log calls it
    evidence = models.TextField(blank=True, db_default="")  # what was asked, sealed; emptied when its term is over
    taken_at = models.DateTimeField(null=True)  # when the persons were told, and the digests put into the audit chain

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=("id",), name="bus_call_waiting", condition=Q(taken_at__isnull=True)),
            models.Index(fields=("agreement", "-at"), name="bus_call_by_agreement"),
            models.Index(fields=("at",), name="bus_call_with_evidence", condition=~Q(evidence="")),
        ]

    def __str__(self) -> str:
        return f"{self.at} {self.operation} {self.agreement}"


class CodeTally(models.Model):
    """How many codes could not be translated one to one, by place and what was done instead; never which codes.

    The mediator adds to it before it answers.
    """

    day = models.DateField()  # in Việt Nam
    operation = models.CharField(max_length=140)  # land-prices/v1/list
    agreement = models.CharField(max_length=40)
    name = models.CharField(max_length=200)  # of the field or parameter
    how = models.CharField(max_length=20)  # several-refused, missing-kept, …
    codes = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("day", "operation", "agreement", "name", "how"), name="bus_codetally_once"),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.operation} {self.name} {self.how}"


class Volume(models.Model):
    """How many records went out under an agreement on a day; the mediator adds to it before it answers."""

    agreement = models.CharField(max_length=40)
    day = models.DateField()  # in Việt Nam
    records = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("agreement", "day"), name="bus_volume_once_a_day")]

    def __str__(self) -> str:
        return f"{self.agreement} {self.day}: {self.records}"


class UsedNonce(models.Model):
    """A number that a signed request carried (RFC 9421, ``nonce``): the mediator takes it once, until it is too old anyway."""

    client = models.CharField(max_length=200)  # client_id
    nonce = models.CharField(max_length=200)
    until = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("client", "nonce"), name="bus_nonce_once")]

    def __str__(self) -> str:
        return f"{self.client} {self.until}"
