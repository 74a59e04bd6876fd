"""Pages of a list that is too long to be counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.paginator import Page, Paginator


class OpenPaginator(Paginator):  # type: ignore[type-arg]
    """Pages without counting: one row more than a page is read, and whether it is there says whether there is another.

    `count` and `num_pages` are what is known so far; :attr:`is_open` says that there is more than that.
    """

    is_open = False

    def __init__(
        self, rows: Any, per_page: int, load: Callable[[Sequence[Any]], Sequence[Any]] = lambda rows: rows
    ) -> None:
        """`load` turns the rows of one page into what is shown: rows may be keys, so that only a page is read whole."""
        super().__init__(rows, per_page)
        self.load = load

    def get_page(self, number: Any) -> Page[Any]:
        """The page of this number; the first one for what is no number or lies past the end."""
        try:
            wanted = max(1, int(number))
        except (TypeError, ValueError):
            wanted = 1
        return self._read(min(wanted, 10**9)) or self._read(1) or Page([], 1, self)

    def _read(self, number: int) -> Page[Any] | None:
        begin = (number - 1) * self.per_page
        found = list(self.object_list[begin : begin + self.per_page + 1])
        self.is_open = len(found) > self.per_page
        rows = self.load(found[: self.per_page])
        self.__dict__["count"] = begin + len(rows)
        self.__dict__["num_pages"] = number + self.is_open
        return Page(rows, number, self) if rows else None
