"""Pages: well-formed, escaped, and unable to fetch anything."""

import base64
import hashlib
import html
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from whynet.drawing.charts import BarChart
from whynet.drawing.markup import Html, element, escape, join
from whynet.drawing.page import drawing, figure, page, row, section, table
from whynet.errors import ConfigError

PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NASTY = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "</title><script>alert(1)</script>",
            '" onload="alert(1)',
            "' onmouseover='alert(1)",
            "<img src=http://evil.example/x.png>",
            "<!--",
            "]]>",
            "&lt;b&gt;",
            "\x00\x1b[31m",
            "\ud800",
        ]
    ),
)


class Reader(HTMLParser):
    """Every element with its attributes, all text, and whether ends match beginnings."""

    def __init__(self, document: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(document)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs)
        if tag not in ("meta", "link", "img", "source", "br", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def policy(reader: Reader) -> dict[str, str]:
    (found,) = [each for each in reader.all("meta") if "http-equiv" in each]
    assert found["http-equiv"] == "Content-Security-Policy"
    told = [part.split(maxsplit=1) for part in str(found["content"]).split(";")]
    return {part[0]: part[1] for part in told}


# -- markup -------------------------------------------------------------------------------------


def test_elements() -> None:
    assert element("p", "1 < 2 ", element("b", "&")) == "<p>1 &lt; 2 <b>&amp;</b></p>"
    assert element("img", src="a", alt=None, hidden=True, draggable=False) == (
        '<img src="a" hidden>'
    )
    assert element("p", class_="x", stroke_width=2) == '<p class="x" stroke-width="2"></p>'
    assert join("<", element("br"), 3) == "&lt;<br>3"
    assert isinstance(join("a"), Html)


def test_escape() -> None:
    assert escape("""<a href="x" id='y'>&""") == (
        "&lt;a href=&quot;x&quot; id=&#x27;y&#x27;&gt;&amp;"
    )
    assert escape(escape("<")) == "&lt;"
    assert escape("a\x00b\ud800") == "a\ufffdb\ufffd"
    assert escape("two\nlines\tand a tab") == "two\nlines\tand a tab"


@given(NASTY)
def test_whatever_is_escaped_is_read_back_as_it_was(text: str) -> None:
    marked = element("p", text, title=text)
    marked.encode("utf-8")
    reader = Reader(marked)
    assert [name for name, _ in reader.elements] == ["p"]
    kept = html.unescape(escape(text))
    if not re.search("[^\\n\\t\\x20-\\x7e]", text):
        assert kept == text
    assert "".join(reader.words) == kept
    assert reader.elements[0][1] == {"title": kept}


# -- the page -----------------------------------------------------------------------------------


def test_a_page_is_whole() -> None:
    document = page("Why 9?", "Because.", section("Evidence", "It adds up."))
    assert document.startswith('<!doctype html>\n<html lang="en">')
    reader = Reader(document)
    assert [each for each in ("h1", "h2", "main", "title") if len(reader.all(each)) == 1] == [
        "h1",
        "h2",
        "main",
        "title",
    ]
    assert {"charset": "utf-8"} in reader.all("meta")
    assert any(each.get("name") == "viewport" for each in reader.all("meta"))
    assert "Because." in reader.words
    assert reader.all("script") == []
    for rule in ("prefers-color-scheme: dark", "@media print", "pixelated"):
        assert rule in document


@given(NASTY, NASTY, NASTY)
def test_a_page_cannot_fetch_and_nothing_gets_in(title: str, words: str, cell: str) -> None:
    picture = figure(PIXEL, alt=f"a digit {words}", caption=words, dark=PIXEL)
    document = page(
        title,
        words,
        section(title, row(picture), table(["name", cell], [[cell, 1.5]], caption=words)),
        drawing(BarChart([f"bar {cell}"], [1.0], title=title or "t").svg(), words),
        script="let a = 1 < 2;",
    )
    document.encode("utf-8")
    reader = Reader(document)
    assert len(reader.all("script")) == 1
    assert len(reader.all("img")) == 1
    for name, attributes in reader.elements:
        assert name not in ("iframe", "object", "embed", "form", "base", "a")
        for attribute, value in attributes.items():
            assert not attribute.startswith("on")
            if attribute in ("src", "srcset", "href"):
                assert str(value).startswith("data:")
            if attribute == "style":
                assert "url(" not in str(value)
    styles = re.findall(r"<style>(.*?)</style>", document, re.DOTALL)
    assert len(styles) == 1
    assert not re.search(r"url\(|@import|//", styles[0])
    told = policy(reader)
    assert told["default-src"] == "'none'"
    assert told["img-src"] == "data:"
    assert told["base-uri"] == told["form-action"] == "'none'"


def test_only_the_page_s_own_script_may_run() -> None:
    document = page("A", script="one();\r\ntwo();\rthree();")
    (script,) = re.findall(r"<script>(.*?)</script>", document, re.DOTALL)
    assert script == "one();\ntwo();\nthree();"
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert policy(Reader(document))["script-src"] == f"'sha256-{digest}'"
    assert "script-src" not in policy(Reader(page("A")))


@pytest.mark.parametrize("text", ["</script>", "x</SCRIPT ", "<!-- x"])
def test_scripts_and_styles_stay_inside(text: str) -> None:
    with pytest.raises(ConfigError, match="expected a script without"):
        page("A", script=text)
    with pytest.raises(ConfigError, match="expected a style without"):
        page("A", style=text.lower().replace("script", "style"))


def test_no_request_is_written_anywhere() -> None:
    document = page("A", row(figure(PIXEL, "a digit")), BarChart(["a"], [1]).svg())
    found = re.findall(r"https?://[^\"'\s<]*", document)
    assert found in ([], ["http://www.w3.org/2000/svg"])  # the name of SVG's language


# -- what it is made of -------------------------------------------------------------------------


def test_figures_need_words_and_hold_their_picture() -> None:
    reader = Reader(figure(PIXEL, "a nine", "It is <b>.", dark=PIXEL, width=99))
    assert reader.all("img") == [{"src": PIXEL, "alt": "a nine"}]
    (source,) = reader.all("source")
    assert source == {"srcset": PIXEL, "media": "(prefers-color-scheme: dark)"}
    assert reader.all("figure") == [{"style": "--width: 99px"}]
    assert "It is <b>." in reader.words
    with pytest.raises(ConfigError, match="what the picture shows, got none"):
        figure(PIXEL, " ")
    for wrong in ("http://x/y.png", "javascript:1", ""):
        with pytest.raises(ConfigError, match="as a data URI"):
            figure(wrong, "a nine")
        with pytest.raises(ConfigError, match="as a data URI"):
            figure(PIXEL, "a nine", dark=wrong or "x")


def test_tables() -> None:
    document = table(["layer", "share"], [["conv1", "−1.5"], ["conv2", 12]], caption="Layers")
    reader = Reader(document)
    assert [each.get("scope") for each in reader.all("th")] == ["col", "col", "row", "row"]
    assert [each.get("class") for each in reader.all("td")] == ["number", "number"]
    assert reader.words == ["Layers", "layer", "share", "conv1", "−1.5", "conv2", "12"]
    assert [name for name, _ in Reader(table(["a"], [])).elements][-1] == "tbody"
    with pytest.raises(ConfigError, match="2 cells in a row, got 1"):
        table(["a", "b"], [["c"]])


@pytest.mark.parametrize(
    ("cell", "numeric"),
    [
        *((each, 1) for each in ("1", "−1.25", "+3e-05", "1,234", "99.1 %", "2×", "–", 0.5)),
        *((each, 0) for each in ("", "conv1", "1st", True, "1 2")),
    ],
)
def test_what_counts_as_a_number(cell: object, numeric: int) -> None:
    (found,) = Reader(table(["a", "b"], [["x", cell]])).all("td")
    assert found == ({"class": "number"} if numeric else {})


def test_sections_nest() -> None:
    reader = Reader(section("A", section("B", "words", level=3)))
    assert [name for name, _ in reader.elements] == ["section", "h2", "section", "h3", "p"]
