"""What the site needs beside its pages; mkdocs.yml names this file."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any

FENCE = re.compile(r"^(```\w+) .+$", re.MULTILINE)
LINK = re.compile(r"\[([\w/]+\.md)(.*?)\]\((?P<target>[\w./]+\.md)(?P<anchor>#[^)]*)?\)")
TITLES: dict[str, str] = {}  # page below docs/ -> its name in the navigation


def on_nav(nav: Any, **_: Any) -> None:
    TITLES.update((page.file.src_uri, page.title) for page in nav.pages)


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Code blocks without the words behind their language, which are for tests; links by the names of pages."""
    return named(FENCE.sub(r"\1", markdown), page.file.src_uri, TITLES)


def named(markdown: str, page: str, titles: Mapping[str, str]) -> str:
    """A link that shows the name of a file, as it reads well in a repository, shows the name of the page."""

    def renamed(link: re.Match[str]) -> str:
        file = posixpath.normpath(posixpath.join(posixpath.dirname(page), link["target"]))
        return f"[{titles.get(file, link[1])}{link[2]}]({link['target']}{link['anchor'] or ''})"

    return LINK.sub(renamed, markdown)


def on_post_page(output: str, page: Any, **_: Any) -> str:
    """The Chinese pages say that they are Chinese, so that a browser takes the Chinese form of each character."""
    return output.replace('<html lang="en"', '<html lang="zh"', 1) if page.url.startswith("zh/") else output
