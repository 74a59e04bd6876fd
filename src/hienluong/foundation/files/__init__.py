"""Files: kept by content, checked before they are kept, given out only to who may have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .storing import store

__all__ = ["store"]


def __getattr__(name: str) -> Any:
    """``store`` needs the models, so it is loaded when first used."""
    if name == "store":
        from .storing import store

        return store
    raise AttributeError(name)
