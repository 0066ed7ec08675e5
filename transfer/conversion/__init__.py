"""HTML from other systems into the Markdown of this one."""

from transfer.conversion.convert import MAX_HTML, Converted, TooLong, to_markdown

__all__ = ["MAX_HTML", "Converted", "TooLong", "to_markdown"]
