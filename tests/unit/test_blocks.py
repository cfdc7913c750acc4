"""Lines with marks, and blocks as Markdown."""

from __future__ import annotations

import pytest
from markdown_it import MarkdownIt

from clustersim.messages import LANGUAGES, catalogue
from clustersim.render.markdown import inline, markdown
from clustersim.reports.blocks import (
    Document,
    Heading,
    PageBreak,
    Picture,
    Preformatted,
    Table,
    Words,
    bullets,
    escaped,
    heading,
    line,
    paragraph,
    plain,
    table,
)

ODD = "A *b* _c_ & <d> &lt; `e` \\ **f** [g](h)"


def test_marks_make_words_strong_emphasised_and_code() -> None:
    assert line("_a_ __b__ *c* `_*d_` **e `f`**") == (
        Words("_a_ __b__ "),
        Words("c", emphasised=True),
        Words(" "),
        Words("_*d_", code=True),
        Words(" "),
        Words("e ", strong=True),
        Words("f", strong=True, code=True),
    )


def test_words_of_users_are_shown_as_they_are() -> None:
    assert line(escaped(ODD)) == (Words(ODD),)
    rendered = MarkdownIt("commonmark").renderInline(inline(line(escaped(ODD))))
    assert rendered == "A *b* _c_ &amp; &lt;d&gt; &amp;lt; `e` \\ **f** [g](h)"


@pytest.mark.parametrize(
    "text", ["**a**: b, *c* `d_e`", "**a `b`** c", "+1.0% [-1 to +2] < 5 & a_b", "5 < 6 & 7 #x $y$"]
)
def test_a_line_as_markdown_has_the_marks_that_it_was_written_with(text: str) -> None:
    assert inline(line(text)) == text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_mark_of_a_sentence_is_closed(language: str) -> None:
    said = {
        key: entry[language] for key, entry in catalogue().items() if key.startswith(("brief.", "report.", "study."))
    }
    assert not [key for key, words in said.items() if not _is_plain(line(f"{words}|")[-1]) or "`" in plain(line(words))]


def _is_plain(piece: Words) -> bool:
    return not (piece.strong or piece.emphasised or piece.code)


def test_a_document_as_markdown() -> None:
    blocks = (
        heading("Costs"),
        table("Costs", ["Policy", "`cost`"], [["a|b", "**1**"], [(Words("of a user *"),)]]),
        heading("Each", 2),
        table("Another", ["x"], [["1"]]),
        paragraph("Words."),
        bullets(["one", "two"]),
        PageBreak(),
        Picture("forest", line("Below"), "What it shows"),
        Preformatted("a\n  b"),
    )
    assert markdown(Document("A *title*", line("by `x`"), blocks)) == (
        "# A \\*title\\*\n\nby `x`\n\n## Costs\n\n"
        "| Policy | `cost` |\n| --- | --- |\n| a\\|b | **1** |\n| of a user \\* |  |\n\n"
        "### Each\n\n**Another**\n\n| x |\n| --- |\n| 1 |\n\nWords.\n\n- one\n- two\n\n"
        "![What it shows](figures/forest.png)\n\n```text\na\n  b\n```\n"
    )


def test_a_row_heads_others_where_it_is_alone_or_strong() -> None:
    found = table("", ["a", "b"], [["alone"], ["**strong**", "unit"], ["x", "1"]])
    assert [found.heads(row) for row in found.rows] == [True, True, False]
    assert found.full_rows == [found.rows[2]]
    assert isinstance(found, Table) and isinstance(heading("x"), Heading)
