"""Pages of a table that is too long to be counted."""

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

if TYPE_CHECKING:
    RowPaginator = Paginator[Any]
else:
    RowPaginator = Paginator


class CappedPaginator(RowPaginator):
    """Counts to ten thousand: nobody turns so many pages, and counting a whole month is slow."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:10_000].count())
