"""The mediator as an ASGI program: one call of a consumer, from the gateway's hands to the provider and back.

In this order: does it come from our gateway, under an agreement; is it signed where that was agreed, and new; does it ask
about agreed fields only; its codes in the provider's edition; the schema of the request; the provider; the schema of the
answer; its codes in the consumers' edition; whose data it is; the fields cut; the records counted and the call written
down; the answer signed. Whatever fails ends the call, and is written down.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import json
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote

import psycopg

from hienluong.foundation.tracing import TRACEPARENT, Collector, Span, Tracer
from hienluong.services.bus.gateway import accesslog, handover
from hienluong.services.bus.gateway.snapshot import SAFE_METHODS, GrantRoute, NodeRoute

from . import evidence, fields, nodes, problems, routes, schemas, signatures, transforms, translations
from .bodies import MOST_DEPTH, BadBody, read_json, write_json
from .books import Books, Entry, VolumeUsedUp, blind_index
from .inbound import Inbound, Receive
from .kept import Kept
from .problems import Refusal
from .providers import Answer, Providers
from .routes import Routes, Way
from .signatures import BadSignature, Component, Message, Signed

Send = Callable[[dict[str, Any]], Awaitable[None]]

#: Calls at once; past that the gateway is told to come again.
MOST_AT_ONCE = 64
#: Bytes past which bodies are read and written beside the loop.
LARGE = 256 * 1024
#: Seconds by which the clocks of two agencies may differ, and for which a signed request is good.
SKEW, SIGNED_FOR = 60, 300
#: What of a consumer's fields the provider gets; the gateway's own come beside.
PASSED_ON = ("accept-language", "idempotency-key", TRACEPARENT, "tracestate", "x-request-id")
#: What of a provider's fields the consumer gets.
PASSED_BACK = ("age", "content-language", "retry-after")


@dataclass(frozen=True)
class Settings:
    """How it runs. `signing_secret` makes the key that answers are signed with; without a collector nothing is traced."""

    snapshot: Path
    secret: str
    database_url: str
    blind_index_key: str
    signing_secret: str
    collector: Collector | None = None


@dataclass
class Call:
    """One call, as far as it has got."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    content: bytes = b""
    entry: Entry | None = None
    grant: GrantRoute | None = None
    signed: Signed | None = None
    key: dict[str, Any] = field(default_factory=dict)  # the consumer's, that it was signed with
    arrival: nodes.Exchange | None = None  # through the agent node
    way: Way | None = None  # once it is agreed
    notes: translations.Notes = field(default_factory=translations.Notes)

    def header(self, name: str) -> str:
        """The last field of a name; empty when there is none."""
        return next((value for known, value in reversed(self.headers) if known == name), "")

    @property
    def target(self) -> str:
        """The path with its query, as sent."""
        return self.path + (f"?{self.query}" if self.query else "")

    def message(self) -> Message:
        """The request as it was signed."""
        scheme, authority = self.header(handover.SCHEME) or "https", self.header("host")
        return Message(self.headers, self.method, scheme, authority, self.path, self.query or None)


class Mediator:
    """The ASGI program."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.routes = Routes(settings.snapshot)
        self.books = Books(settings.database_url)
        self.providers = Providers()
        self.pace = nodes.Pace()
        self.kept = Kept()
        self.key, self.jwk = signatures.own_key(settings.signing_secret)
        self.tracer = Tracer("mediator", settings.collector) if settings.collector else None
        self._at_once = 0

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self.books.open()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.providers.close()
                await self.books.close()
                if self.tracer is not None:
                    await asyncio.to_thread(self.tracer.close)
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1").partition("?")[0]
        call = Call(scope["method"], path, scope["query_string"].decode("latin-1"), headers)
        if call.path == "/song" and call.method == "GET":
            await _send(send, 200, [("content-type", "text/plain")], b"ok")
            return
        inbound = Inbound(receive)
        if not hmac.compare_digest(call.header(handover.SECRET).encode(), self.settings.secret.encode()):
            await self._refuse(call, Refusal("no-agreement", reason="not from our gateway"), inbound, send)
            return
        if self._at_once >= MOST_AT_ONCE:
            await self._refuse(call, Refusal("busy", headers={"retry-after": "1"}), inbound, send)
            return
        self._at_once += 1
        try:
            if self.tracer is None:
                await self._settle(call, inbound, send)
            else:
                with self.tracer.span("call", parent=call.header(TRACEPARENT)) as span:
                    _tell(span, call, *await self._settle(call, inbound, send))
        finally:
            self._at_once -= 1

    async def _settle(self, call: Call, inbound: Inbound, send: Send) -> tuple[int, str]:
        """Give the answer, or refuse; the status, and the code of a refusal."""
        try:
            status, sent, content = await self._mediated(call, inbound)
        except Refusal as problem:
            refusal = problem
        except Exception as problem:  # what nobody thought of: without its words, which may be a person's data
            refusal = Refusal("fault", reason=type(problem).__name__)
        else:
            await _send(send, status, sent, content)
            return status, ""
        await self._refuse(call, refusal, inbound, send)
        return refusal.status, refusal.code

    async def _mediated(self, call: Call, inbound: Inbound) -> tuple[int, list[tuple[str, str]], bytes]:
        if call.header(handover.ROUTE) == handover.NODE:
            self._arrive(call)
        way, grant = self._agreed(call)
        call.content = await inbound.body(way.operation.max_body)
        call.entry.request_digest = self._digest(call)  # type: ignore[union-attr]  # made in _agreed
        if grant.sign:
            await self._check_signature(call)
        sent_path, sent_query, sent_headers, sent_body = self._request(call, way, grant)
        if grant.per_day_records is not None and await self._used(grant) >= grant.per_day_records:
            raise _used_up()
        side = (way.operation.transform or {}).get("request", {})
        path = side.get("path", sent_path)
        if way.service.node is not None:
            path, sent_headers = self._leave(call, way.service.node, path, sent_headers)
        key = self._question(call, way, sent_path, sent_query)
        known = self.kept.get(key) if key else None
        try:
            answer = known or await self._provided(
                way,
                side.get("method", call.method),
                path,
                "" if "map" in side else sent_query,
                sent_headers,
                sent_body,
            )
        except Refusal as refusal:
            raise nodes.unreached(refusal) if way.service.node is not None else refusal from None
        if way.service.node is not None:
            assert call.entry is not None
            assert call.entry.node is not None
            nodes.hear(call.entry.node, way.service.node, answer.headers)
        if key and known is None:
            self.kept.put(key, answer, way.service.cache_s)
        if not 200 <= answer.status < 300 and not _is_soap(way):
            raise _told(answer)
        content, kind = await self._reply(call, way, grant, answer)
        return await self._finish(call, grant, answer, content, kind)

    async def _provided(
        self, way: Way, method: str, path: str, query: str, headers: list[tuple[str, str]], content: bytes
    ) -> Answer:
        """The answer of the provider, which is told in which trace it is asked."""
        if self.tracer is None:
            return await self.providers.call(way.service, method, path, query, headers, content)
        with self.tracer.span(f"{way.service.code}/v{way.service.major}", "client") as span:
            span.say(hienluong_service=way.service.code, http_request_method=method)
            carried = [(name, value) for name, value in headers if name != TRACEPARENT]
            carried.append((TRACEPARENT, self.tracer.carried()))
            answer = await self.providers.call(way.service, method, path, query, carried, content)
            span.say(http_response_status_code=answer.status)
            if answer.status >= 500:
                span.fail(str(answer.status))
            return answer

    def _arrive(self, call: Call) -> None:
        """A call of the agent node, made into one as consumers make it: under the agreement of whom the node names."""
        call.arrival = exchange = nodes.Exchange(True)
        address = call.header(handover.ADDRESS).rpartition(",")[2].strip()[:45]
        call.entry = Entry("", "", "", "", address, node=exchange)  # what is refused before more is known is noted too
        door, key = self.routes.door(), self.settings.blind_index_key
        client, call.path = nodes.arrive(exchange, door, call.path, dict(call.headers), key)
        way = self.routes.find(call.method, call.path)
        grants = [] if way is None else [each for each in way.operation.grants if client in each.clients]
        wanted = call.header(handover.AGREEMENT)
        agreement = next((each.agreement for each in reversed(grants) if wanted in ("", each.agreement)), "")
        purpose = call.header(handover.PURPOSE) or quote(f"Qua nút đại lý, theo thỏa thuận {agreement}")
        mine = {handover.CLIENT: client, handover.AGREEMENT: agreement, handover.PURPOSE: purpose}
        dropped = {*mine, handover.ROUTE, "authorization"}
        call.headers = [(name, value) for name, value in call.headers if name not in dropped] + list(mine.items())

    def _leave(
        self, call: Call, node: NodeRoute, path: str, headers: list[tuple[str, str]]
    ) -> tuple[str, list[tuple[str, str]]]:
        """Where at the agent node, and the fields: what is only between a consumer and us stays here."""
        entry = call.entry
        assert entry is not None
        entry.node = nodes.leave(
            node,
            entry.client,
            message=str(entry.uid),
            agreement=entry.agreement,
            said=call.header(nodes.USER)[:200],
            key=self.settings.blind_index_key,
        )
        ours = (handover.CLIENT, handover.AGREEMENT, handover.PURPOSE)
        kept = [(name, value) for name, value in headers if name not in ours and not name.startswith("x-road-")]
        return nodes.address(node, path), [*kept, *nodes.headers(entry.node)]

    def _question(self, call: Call, way: Way, path: str, query: str) -> tuple[str, ...] | None:
        """What a kept answer is found by: who asks under which agreement, and what, in the codes of either side; None where
        nothing is kept."""
        said = call.header("cache-control").lower()
        apart = way.service.node is not None or call.arrival is not None or call.content
        if apart or not way.service.keeps(way.operation) or "no-store" in said or "no-cache" in said:
            return None
        names = (handover.AGREEMENT, handover.CLIENT, "accept", "accept-language")
        return (
            way.name,
            way.service.upstream,
            call.path,
            call.query,
            path,
            query,
            *(call.header(name) for name in names),
        )

    def _agreed(self, call: Call) -> tuple[Way, GrantRoute]:
        way = self.routes.find(call.method, call.path)
        if way is None:
            raise Refusal("no-route")
        agreement, client = call.header(handover.AGREEMENT), call.header(handover.CLIENT)
        grant = way.grant(agreement, client)
        route = call.header(handover.ROUTE)
        expected = accesslog.route_name(way.service.code, way.service.major, way.operation.name, agreement)
        if grant is None or (route and route != expected):
            raise Refusal("no-agreement")
        purpose = evidence.purpose_in(call.header(handover.PURPOSE))
        if not purpose.strip() or len(purpose) > handover.MOST_PURPOSE:
            raise Refusal("purpose")
        call.grant, call.way = grant, way
        address = call.header(handover.ADDRESS).rpartition(",")[2].strip()[:45]
        call.entry = Entry(agreement, way.name, client, purpose, address, fields=list(grant.fields or []))
        call.entry.request_id = call.header(handover.REQUEST_ID)[:64]
        if call.arrival is not None:
            call.entry.node = call.arrival
            call.arrival.message = call.arrival.message or str(call.entry.uid)
            if not _is_among(address, grant.addresses):
                raise Refusal("no-agreement", reason="address")
            if not self.pace.take(agreement, client, grant.per_minute):
                raise Refusal("pace", headers={"retry-after": "5"})
        return way, grant

    def _digest(self, call: Call) -> str:
        entry = call.entry
        assert entry is not None
        return evidence.request_digest(
            call.method,
            call.target,
            agreement=entry.agreement,
            client=entry.client,
            purpose=entry.purpose,
            content=call.content,
        )

    async def _used(self, grant: GrantRoute) -> int:
        try:
            return await self.books.used_today(grant.agreement)
        except psycopg.Error as problem:
            raise Refusal("books", headers={"retry-after": "5"}, reason=type(problem).__name__) from None

    async def _check_signature(self, call: Call) -> None:
        entry = call.entry
        assert entry is not None
        now = int(time.time())
        try:
            keys = await self.books.keys_of(entry.client)
            signed = signatures.verify(call.message(), keys, tag=evidence.TAG)
            for name in evidence.COVERED:
                if not signed.covers(name):
                    raise BadSignature("covers-too-little")
            if call.content or call.header("content-digest"):
                if not signed.covers("content-digest"):
                    raise BadSignature("covers-too-little")
                signatures.check_digest(call.message().field("content-digest"), call.content)
            if not now - SIGNED_FOR <= signed.created <= now + SKEW or (signed.expires or now + 1) <= now:
                raise BadSignature("time")
            if not 16 <= len(signed.nonce) <= 200:
                raise BadSignature("nonce")
            if not await self.books.is_new(entry.client, signed.nonce, signed.created + SIGNED_FOR + SKEW):
                raise Refusal("replayed")
        except BadSignature as problem:
            raise Refusal("signature", [{"code": problem.code}], reason=problem.code) from None
        except psycopg.Error as problem:
            raise Refusal("books", headers={"retry-after": "5"}, reason=type(problem).__name__) from None
        call.signed = signed
        call.key = dict(self.books.jwk_of(entry.client, signed.keyid))

    def _request(self, call: Call, way: Way, grant: GrantRoute) -> tuple[str, str, list[tuple[str, str]], bytes]:
        """What the provider is asked: path, query, fields, body."""
        operation = way.operation
        transform = operation.transform or {}
        agreed = None if grant.fields is None else fields.Agreed(tuple(grant.fields))
        declared = transform.get("parameters", {})
        kind = call.header("content-type").partition(";")[0].strip().lower()
        document: Any = None
        content = call.content
        if call.header("content-encoding").lower() not in ("", "identity"):
            raise Refusal("media-type")
        if agreed is not None:
            try:
                fields.check_query(call.query, agreed, declared)
            except fields.FieldRefused as problem:
                raise Refusal("field", [{"parameter": problem.place}]) from None
        translated = translations.rules_for(transform, "body")
        looked_into = (
            agreed is not None
            or operation.request_schema_file
            or "map" in transform.get("request", {})
            or bool(translated)
        )
        if content and looked_into:
            if kind != "application/json" and not kind.endswith("+json"):
                raise Refusal("media-type")
            try:
                document = read_json(content)
            except BadBody as problem:
                raise Refusal("body", [{"code": problem.code}]) from None
            if agreed is not None:
                try:
                    fields.check_body(document, agreed, declared)
                except fields.FieldRefused as problem:
                    raise Refusal("field", [{"member": problem.place}]) from None
            content = write_json(document)  # the provider reads what was looked at, and nothing else
        path, query, parameters = way.path, call.query, way.parameters
        if translations.rules_for(transform, "path", "query", "body"):
            path, query, parameters, document = self._translated(call, way, document)
            if content and translated:
                content = write_json(document)
        if operation.request_schema_file and (content or call.method not in SAFE_METHODS):
            faults = self._faults(document, operation.request_schema_file)
            if faults:
                places = [{"pointer": _pointer(place), "rule": word} for place, word in faults]
                raise Refusal("request-schema", places)
        asked = transforms.Asked(parameters, _first(query), document)
        headers = [(name, value) for name in PASSED_ON if (value := call.header(name))]
        headers += [("accept-encoding", "identity")]
        for name in (handover.CLIENT, handover.AGREEMENT, handover.PURPOSE):
            headers.append((name, call.header(name)))
        if way.service.forward_token and (token := call.header("authorization")):
            headers.append(("authorization", token))
        if "map" in transform.get("request", {}):
            try:
                content, made = transforms.make_request(transform, asked)
            except BadBody as problem:
                raise Refusal("body", [{"code": problem.code}]) from None
            headers += [*made.items(), ("accept", "text/xml, application/soap+xml, application/xml")]
        else:
            if content:
                headers.append(("content-type", call.header("content-type") or "application/octet-stream"))
            headers.append(("accept", "application/json" if looked_into else call.header("accept") or "*/*"))
        return path, query, headers, content

    def _translated(self, call: Call, way: Way, document: Any) -> tuple[str, str, dict[str, str], Any]:
        """Path, query, parameters and body with the codes of the provider's editions."""
        transform, folder = way.operation.transform, self.settings.snapshot.parent
        try:
            parameters = translations.parameters(
                way.parameters, translations.rules_for(transform, "path"), folder, call.notes
            )
            query = translations.query(call.query, translations.rules_for(transform, "query"), folder, call.notes)
            document = translations.document(document, translations.rules_for(transform, "body"), folder, call.notes)
        except translations.Untranslated as problem:
            places = [{"field": place, "rule": why} for place, why in problem.places]
            raise Refusal("code", places) from None
        except translations.BadTable as problem:
            raise Refusal("fault", reason=str(problem)) from None
        path = way.path if parameters == way.parameters else routes.filled(way.operation.template, parameters)
        return path, query, parameters, document

    async def _reply(self, call: Call, way: Way, grant: GrantRoute, answer: Answer) -> tuple[bytes, str]:
        """What the consumer gets of an answer, and its media type; fills in whose data it is and how much."""
        if len(answer.content) > LARGE:
            return await asyncio.to_thread(self._reply_now, call, way, grant, answer)
        return self._reply_now(call, way, grant, answer)

    def _reply_now(self, call: Call, way: Way, grant: GrantRoute, answer: Answer) -> tuple[bytes, str]:
        operation, entry = way.operation, call.entry
        assert entry is not None
        transform = operation.transform or {}
        kind = answer.headers.get("content-type", "application/octet-stream")
        changes = bool({"response", "codes"} & set(transform))
        translated = translations.rules_for(transform, "answer")
        looked_into = (
            changes
            or translated
            or grant.fields is not None
            or operation.response_schema_file
            or operation.person_pointer is not None
        )
        is_json = _is_json(kind)
        if not answer.content:
            return b"", kind
        if not looked_into and not (grant.per_day_records is not None and is_json):
            entry.records = 1
            return answer.content, kind
        try:
            if changes:
                document = transforms.read_answer(transform, answer.content)
            elif is_json:
                document = read_json(answer.content)
            else:
                raise Refusal("provider-broken", reason="no JSON")
        except BadBody as problem:
            raise Refusal("provider-broken", reason=problem.code) from None
        except transforms.ProviderFault as fault:
            raise Refusal("bad-request" if fault.of_caller else "provider-broken", reason="soap fault") from None
        if not 200 <= answer.status < 300:
            raise _told(answer)
        if operation.response_schema_file:
            faults = self._faults(document, operation.response_schema_file)
            if faults:
                agreed = None if grant.fields is None else fields.Agreed(tuple(grant.fields))
                told = [(place, word) for place, word in faults if agreed is None or agreed.covers(place)]
                raise Refusal(
                    "provider-broken",
                    [{"pointer": _pointer(place), "rule": word} for place, word in told],
                    reason="response schema",
                )
        if translated:
            document = self._translated_answer(call, translated, document, grant)
        if operation.person_pointer is not None:
            found = fields.values_at(document, operation.person_pointer)
            key = self.settings.blind_index_key
            entry.persons = sorted({index for value in found if (index := blind_index(value, key))})
        entry.records = fields.count_records(document, operation.person_pointer)
        if grant.fields is not None:
            document = fields.cut(document, fields.Agreed(tuple(grant.fields)).tree)
        elif not changes and not translated:
            return answer.content, kind
        return write_json(document), "application/json"

    def _translated_answer(self, call: Call, rules: list[Mapping[str, Any]], document: Any, grant: GrantRoute) -> Any:
        """The answer with the codes of the consumer's editions; only agreed fields are looked at and named."""
        agreed = None if grant.fields is None else fields.Agreed(tuple(grant.fields))
        rules = [rule for rule in rules if agreed is None or agreed.covers(fields.parts_of(rule["at"]))]
        try:
            return translations.document(document, rules, self.settings.snapshot.parent, call.notes)
        except translations.Untranslated as problem:
            places = [{"field": place, "rule": why} for place, why in problem.places]
            raise Refusal("answer-code", places) from None
        except translations.BadTable as problem:
            raise Refusal("fault", reason=str(problem)) from None

    def _faults(self, document: Any, file: str) -> list[tuple[list[str | int], str]]:
        path = Path(file)
        path = path if path.is_absolute() else self.settings.snapshot.parent / path
        try:
            return schemas.faults(document, path)
        except schemas.BadSchema as problem:
            raise Refusal("fault", reason=str(problem)) from None

    async def _finish(
        self, call: Call, grant: GrantRoute, answer: Answer, content: bytes, kind: str
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Sign the answer where that was agreed, and write the call down; only then it is given."""
        entry = call.entry
        assert entry is not None
        status = answer.status if content or answer.status != 200 else 204
        headers = [("cache-control", "no-store")]
        if content:
            headers.insert(0, ("content-type", kind))
        headers += [(name, answer.headers[name]) for name in PASSED_BACK if name in answer.headers]
        if call.arrival is not None:
            headers += nodes.marked(call.arrival)
        elif entry.node is not None:
            headers += [(name, answer.headers[name]) for name in nodes.PASSED_BACK if name in answer.headers]
        if note := call.notes.value():
            headers.append((translations.NOTE, note))
        headers += self._signature(call, status, headers, content)
        entry.status, entry.answer_digest = status, evidence.answer_digest(status, content)
        entry.evidence, entry.turned = self._evidence(call), call.notes.kept
        try:
            await self.books.write(entry, most_records=grant.per_day_records)
        except VolumeUsedUp:
            entry.persons, entry.records = [], 0
            raise _used_up() from None
        except psycopg.Error as problem:
            call.entry = None  # not to be tried once more
            raise Refusal("books", headers={"retry-after": "5"}, reason=type(problem).__name__) from None
        call.entry = None
        return status, headers, content

    def _signature(
        self, call: Call, status: int, headers: list[tuple[str, str]], content: bytes
    ) -> list[tuple[str, str]]:
        """The fields that sign an answer to a signed request; what proves both goes into the entry."""
        if call.signed is None or call.entry is None:
            return []
        digest = ("content-digest", signatures.content_digest(content))
        about = Message([*headers, digest], status=status, request=call.message())
        components: list[Component] = [("@status", {}), ("content-digest", {})]
        if any(name == "content-type" for name, _value in headers):
            components.append(("content-type", {}))
        components += [(name, {"req": True}) for name in ("@method", "@authority", "@path", "@query")]
        components.append(("signature", {"req": True, "key": call.signed.label}))
        parameters = {
            "created": int(time.time()),
            "keyid": self.key.keyid,
            "nonce": secrets.token_urlsafe(16),
            "tag": evidence.TAG,
        }
        made = signatures.sign(about, components, parameters, self.key, "lgsp")
        call.entry.signature = json.dumps(
            {
                "request": {
                    "label": call.signed.label,
                    "input": call.header("signature-input"),
                    "signature": call.header("signature"),
                    "authority": call.header("host"),
                    "scheme": call.header(handover.SCHEME) or "https",
                    "key": call.key,
                },
                "answer": {
                    **dict(made),
                    "keyid": self.key.keyid,
                    "status": status,
                    "content-digest": digest[1],
                    "content-type": dict(headers).get("content-type", ""),
                },
            },
            separators=(",", ":"),
        )
        return [digest, *made]

    def _evidence(self, call: Call) -> str:
        """What was asked, sealed: enough to check the signature of a signed request again, without its body."""
        assert call.entry is not None
        told: dict[str, Any] = {
            "method": call.method,
            "target": call.target,
            "content_sha256": hashlib.sha256(call.content).hexdigest(),
            "persons": call.entry.persons,
        }
        if call.signed is not None:
            covered = {name for name, _options in call.signed.components} - evidence.SECRET_FIELDS
            wanted = covered | {"signature", "signature-input"}
            told["scheme"] = call.header(handover.SCHEME) or "https"
            told["authority"] = call.header("host")
            told["headers"] = [[name, value] for name, value in call.headers if name in wanted]
        return evidence.seal(told, self.settings.signing_secret)

    async def _refuse(self, call: Call, refusal: Refusal, inbound: Inbound, send: Send) -> None:
        """A refusal, written down too when it is known who called under which agreement."""
        entry, content = call.entry, refusal.document()
        status, kind = refusal.status, [("content-type", problems.TYPE)]
        if call.arrival is not None:
            status, content, kind = nodes.refused(refusal, call.arrival)
        headers = [*kind, ("cache-control", "no-store"), *refusal.headers.items()]
        sys.stderr.write(
            json.dumps(
                {
                    "refused": refusal.code,
                    "status": refusal.status,
                    "reason": refusal.reason,
                    "operation": entry.operation if entry else "",
                    "agreement": entry.agreement if entry else "",
                    "client": entry.client if entry else "",
                    "id": call.header(handover.REQUEST_ID)[:64],
                }
            )
            + "\n"
        )
        if entry is not None:
            headers += self._signature(call, status, headers, content)
            entry.status, entry.records, entry.persons = status, 0, []
            entry.answer_digest = evidence.answer_digest(status, content)
            entry.evidence, entry.turned = self._evidence(call), call.notes.refused().kept
            if entry.node is not None and not entry.node.error:
                entry.node.error = refusal.code
            try:
                await self.books.write(entry)
            except psycopg.Error as problem:  # nothing was given away: the refusal stands
                sys.stderr.write(json.dumps({"not written": type(problem).__name__}) + "\n")
        await inbound.finish()
        await _send(send, status, headers, content)


def _tell(span: Span, call: Call, status: int, refusal: str) -> None:
    """What a span says of a call: codes, never the address or anything of a body."""
    if call.way is not None and call.grant is not None:
        span.call(call.way.name)
        span.say(
            hienluong_service=call.way.service.code,
            hienluong_operation=call.way.operation.name,
            hienluong_agreement=call.grant.agreement,
        )
    span.say(http_response_status_code=status, hienluong_refusal=refusal)
    if status >= 500:
        span.fail(refusal or str(status))


def _used_up() -> Refusal:
    return Refusal("volume", headers={"retry-after": "3600"})


def _told(answer: Answer) -> Refusal:
    refusal = problems.of_provider(answer.status)
    if refusal.status in (429, 503) and answer.headers.get("retry-after", "").isdigit():
        refusal.headers["retry-after"] = answer.headers["retry-after"]
    return refusal


async def _send(send: Send, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
    written = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    if status != 204:
        written.append((b"content-length", str(len(content)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": written})
    await send({"type": "http.response.body", "body": content})


def _first(query: str) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        for name, value in parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=200):
            found.setdefault(name, value)
    except ValueError:
        raise Refusal("body", [{"parameter": "?"}]) from None
    return found


def _is_among(address: str, networks: list[str]) -> bool:
    """Whether an address is in one of the networks; where none is named, any is."""
    try:
        place = ipaddress.ip_address(address)
    except ValueError:
        return not networks
    return not networks or any(place in ipaddress.ip_network(each) for each in networks)


def _is_json(kind: str) -> bool:
    bare = kind.partition(";")[0].strip().lower()
    return bare == "application/json" or bare.endswith("+json")


def _is_soap(way: Way) -> bool:
    return bool((way.operation.transform or {}).get("response", {}).get("format") == "soap")


def _pointer(place: list[str | int]) -> str:
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in place[:MOST_DEPTH])
    return "".join(f"/{part}" for part in parts)
