"""Where the XML signature of a package stands. What it is made with and how it is judged is not for here."""

from __future__ import annotations

from .writer import NAMESPACE, Form

_IN = f"{{{NAMESPACE}}}"


def signature_path(form: Form) -> str:
    """The path from the root to the element that takes the signature in, as ElementPath has it."""
    header = f"{_IN}edXMLEnvelope/{_IN}edXMLHeader"
    return header if form.alone else f"{header}/{_IN}{form.signature}"


def to_be_signed(content: bytes, form: Form) -> bytes:
    """A document package as it will be around its signature."""
    return content.replace(_empty(form), b"", 1) if form.alone else content


def with_signature(content: bytes, signature: bytes, form: Form) -> bytes:
    """A document package as :func:`.write` made it, with a signature over :func:`to_be_signed` in its place."""
    name = form.signature.encode()
    inside = signature if form.alone else b"<edXML:%b>%b</edXML:%b>" % (name, signature, name)
    return content.replace(_empty(form), inside, 1)


def _empty(form: Form) -> bytes:
    """The element without a signature: no text can look like it, since texts are escaped."""
    return b"<edXML:%b/>" % form.signature.encode()
