"""[shortcodes]: what WordPress expands when it shows a text, as HTML or as a word in the report.

The patterns are linear on hostile texts: none looks past the next bracket, and pairs are looked
for only up to the last closing one.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping

from transfer.wordpress.records import Picture

_CODE = ("code", "sourcecode", "source", "php", "python", "html", "css", "javascript", "bash")
_MEDIA = ("audio", "video", "embed", "youtube", "vimeo", "playlist", "wpvideo", "soundcloud")
_DROPPED = ("contact-form", "contact-field", "contact-form-7")
_IMAGE = re.compile(r"\s*((?:<a\s[^<>]*>)?\s*<img[^<>]*>\s*(?:</a>)?)", re.I)
_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"']+)")
_ADDRESS = re.compile(r"https?://[^\s\"'<>|\]]+", re.I)
_LEFT = re.compile(r"\[(?:/([a-z][\w-]*)|([a-z][\w-]*)\s[^\[\]=]*=[^\[\]]*)\]", re.I)


def expand(text: str, own: str, pictures: Mapping[str, Picture], losses: list[str]) -> str:
    """Shortcodes as HTML; `own` is the id of the item, `pictures` are the images by id."""
    for name in _CODE:
        text = _pairs(text, name, _code)
    text = _pairs(text, "caption", _caption)
    text = _pairs(text, "wp_caption", _caption)
    for name in _MEDIA:
        text = _pairs(text, name, _link)
        text = _singles(text, name, lambda attributes: _link(attributes, ""))
    text = _singles(text, "gallery", lambda given: _gallery(_attributes(given), own, pictures))
    for name in (*_MEDIA, *_DROPPED, "gallery"):
        text, count = re.subn(rf"\[/?{name}(?![\w-])[^\[\]]*\]", "", text, flags=re.I)
        if count:
            losses.append(f"[{name}] left out")
    losses += [f"[{name}] stays as text" for name in dict.fromkeys(_names_left(text))]
    return text


def _pairs(text: str, name: str, make: Callable[[str, str], str]) -> str:
    """[name attributes]content[/name], wherever there are both ends."""
    closing = f"[/{name}]"
    end = text.lower().rfind(closing) + len(closing)
    if end < len(closing):
        return text
    pattern = re.compile(rf"\[{name}((?:[\s=][^\[\]]*)?)\](.*?){re.escape(closing)}", re.S | re.I)
    return pattern.sub(lambda found: make(found[1], found[2]), text[:end]) + text[end:]


def _singles(text: str, name: str, make: Callable[[str], str]) -> str:
    """[name attributes] alone; stays where `make` has nothing to put there."""
    pattern = re.compile(rf"\[{name}((?:[\s=][^\[\]]*)?)/?\]", re.I)
    return pattern.sub(lambda found: make(found[1]) or found[0], text)


def _attributes(given: str) -> dict[str, str]:
    return {name.lower(): value.strip("\"'") for name, value in _ATTRIBUTE.findall(given)}


def _code(given: str, content: str) -> str:
    attributes = _attributes(given)
    language = attributes.get("language") or attributes.get("lang") or ""
    written = html.escape(html.unescape(content.strip("\n")))
    return f'<pre><code class="language-{html.escape(language)}">{written}</code></pre>'


def _caption(given: str, content: str) -> str:
    image = _IMAGE.match(content)
    if image is None:
        return f"<div>{content}</div>"
    words = content[image.end() :].strip() or _attributes(given).get("caption", "")
    return f"<figure>{image[1]}<figcaption>{words}</figcaption></figure>"


def _link(given: str, content: str) -> str:
    """The first address of a player, alone in its paragraph."""
    found = _ADDRESS.search(given) or _ADDRESS.search(content)
    return f"<p>{html.escape(html.unescape(found[0]))}</p>" if found else ""


def _gallery(attributes: Mapping[str, str], own: str, pictures: Mapping[str, Picture]) -> str:
    chosen = attributes.get("ids") or attributes.get("include") or ""
    if chosen:
        shown = [pictures[key.strip()] for key in chosen.split(",") if key.strip() in pictures]
    else:
        shown = [picture for picture in pictures.values() if picture.parent == own]
    return "".join(
        f'<p><img src="{html.escape(picture.address)}" alt="{html.escape(picture.title)}"></p>'
        for picture in shown
    )


def _names_left(text: str) -> Iterator[str]:
    """What still looks like a shortcode: it has an end or attributes.  [sic] has neither."""
    for found in _LEFT.finditer(text):
        yield (found[1] or found[2]).lower()
