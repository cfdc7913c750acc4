"""The documentation builds as a site, without a warning and without the network; each of its pages can be found."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
NO_PAGES = {"odd_source.md"}  # what odd.md is made of
QUIET = {"NO_MKDOCS_2_WARNING": "1"}  # a notice of the theme about its successor
# What a browser fetches by itself; links that a reader may follow are no part of it.
FETCHED = re.compile(r"""<(?:script|img|link|iframe)\b[^>]*?(?:src|href)=["']?(?:https?:)?//[^>]*>""")


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built site. A warning is an error: `--strict` counts them, which `--quiet` would keep it from doing."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env={**os.environ, **QUIET}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = (done.stdout + done.stderr).splitlines()
    assert not [line for line in said if line and not line.startswith("INFO ")]
    return folder


def pages() -> list[Path]:
    return [file.relative_to(DOCS) for file in sorted(DOCS.glob("**/*.md")) if file.name not in NO_PAGES]


def test_every_page_is_built_and_stands_in_the_navigation(site: Path) -> None:
    """The navigation of the 404 page holds all of them, from the root."""
    listed = set(re.findall(r'href="?/?([\w/]+\.html)', (site / "404.html").read_text(encoding="utf-8")))
    wanted = {page.with_suffix(".html").as_posix() for page in pages()}
    assert len(wanted) > 25
    assert wanted == listed
    assert not [page for page in wanted if not (site / page).is_file()]


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    fetched = {found for file in site.glob("**/*.html") for found in FETCHED.findall(file.read_text(encoding="utf-8"))}
    assert not fetched


def test_no_script_or_source_is_published(site: Path) -> None:
    assert not [file for file in site.glob("**/*") if file.suffix in (".py", ".pyc") or file.stem == "odd_source"]


def test_code_blocks_are_blocks(site: Path) -> None:
    """A fence that the site does not understand would be shown as text."""
    assert not [file for file in site.glob("**/*.html") if "```" in file.read_text(encoding="utf-8")]


def test_chinese_can_be_searched_and_says_that_it_is_chinese(site: Path) -> None:
    """Without a dictionary of words the search goes by characters: both pages and questions are cut between them."""
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    assert [word for word in re.split(index["config"]["separator"], "链长制 (forum)") if word] == [*"链长制", "forum"]
    assert any("链长制" in entry["text"] for entry in index["docs"])
    assert '<html lang="zh"' in (site / "zh" / "parameters.html").read_text(encoding="utf-8")
