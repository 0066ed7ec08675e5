"""What the page cache announces."""

from django.dispatch import Signal


class DocumentedSignal(Signal):
    """A signal that says in `__doc__` what it is about."""

    def __init__(self, documentation: str) -> None:
        super().__init__()
        self.__doc__ = documentation


pages_invalidated = DocumentedSignal(
    """Readers see something else on every page that depends on one of `tags`.

    Sent after the commit of the change, outside its transaction.  `tags` is a sorted list of
    names, `site` for all pages.  An exception undoes nothing: the site itself shows the change
    already.
    """
)
