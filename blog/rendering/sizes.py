"""How much HTML a text may become; what reads nothing but this loads no parser."""

# What is stored of a text, in characters: so many for each that was typed, and some more, because
# short texts may be all markup.  What people write has three for one, tables of figures six.
HTML_OF_EACH = 10
HTML_OF_ANY = 100_000


def most_html(source: str) -> int:
    """How many characters of HTML may be kept of a text."""
    return HTML_OF_EACH * len(source) + HTML_OF_ANY
