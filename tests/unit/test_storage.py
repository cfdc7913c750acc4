"""The results folder: whole blocks or none, whatever happens to the writer."""

from __future__ import annotations

import errno
import getpass
import hashlib
import itertools
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from clustersim import messages
from clustersim.errors import StorageError
from clustersim.storage import atomic, blocks, manifest
from clustersim.storage.code_version import code_version, source_hash
from clustersim.storage.folder import RunFolder
from spoken import told_in

PAYLOAD = {
    "scenario": {"name": "xinqiao", "seeds": 500, "parameters": {"friction": 0.12}},
    "code": "0.1.0+abc",
    "layout": 1,
    "roster": "d1",
}


@pytest.fixture
def folder(tmp_path):
    folder = RunFolder(tmp_path / "results", "xinqiao", "0123456789ab")
    folder.create()
    return folder


def frame(seeds: range, value: float = 0.0) -> pd.DataFrame:
    """Two arms a seed, arms outermost, as an engine gives them."""
    arms = pd.Categorical.from_codes(np.repeat([0, 1], len(seeds)), ["no_alliance", "committee"])
    return pd.DataFrame({"seed": [*seeds, *seeds], "arm": arms, "output": value + np.arange(2.0 * len(seeds))})


def leftovers(path: Path) -> list[Path]:
    return list(path.rglob(f"{atomic.TEMPORARY_PREFIX}*"))


def sentence(error: StorageError) -> str:
    """The English sentence, once it is sure that both languages have one."""
    assert all(told_in(language, error.describe) for language in messages.LANGUAGES)
    return error.describe()


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


class TestRunId:
    def test_the_order_of_keys_and_the_kind_of_a_number_do_not_count(self):
        scenario = {"parameters": {"friction": np.float64(0.12)}, "seeds": 500, "name": "xinqiao"}
        same = {"roster": "d1", "layout": 1.0, "code": "0.1.0+abc", "scenario": scenario}
        assert manifest.run_id(same) == manifest.run_id(PAYLOAD)
        assert len(manifest.run_id(PAYLOAD)) == 12

    def test_seeds_and_precision_do_not_count(self):
        scenario = {"name": "xinqiao", "precision": {"pairing": 0.5}, "parameters": {"friction": 0.12}}
        assert manifest.run_id(PAYLOAD | {"scenario": scenario, "seeds": 10}) == manifest.run_id(PAYLOAD)

    @pytest.mark.parametrize(
        "change",
        [
            {"scenario": {"name": "xinqiao", "parameters": {"friction": 0.13}}},
            {"scenario": {"name": "xinqiao", "parameters": {"friction": 0.12, "seeds": 1}}},
            {"code": "0.1.0+abd"},
            {"roster": None},
            {"budget": 100},
        ],
    )
    def test_all_else_counts(self, change):
        assert manifest.run_id(PAYLOAD | change) != manifest.run_id(PAYLOAD)

    @pytest.mark.parametrize("home", ["/home/li/", "/srv/data/", "C:\\Users\\li\\", "\\\\server\\share\\"])
    def test_where_a_roster_stands_does_not_count(self, home):
        assert manifest.canonical({"roster": f"{home}firms.csv"}) == {"roster": "firms.csv"}
        assert manifest.canonical({"roster": "data/firms.csv"}) == {"roster": "data/firms.csv"}

    def test_what_is_no_json_is_refused(self):
        with pytest.raises(TypeError, match="set"):
            manifest.run_id({"scenario": {"sites": {1, 2}}})
        assert manifest.canonical([float("inf"), True, None, 2.0]) == ["inf", True, None, 2]


class TestBlocks:
    def test_what_is_written_is_read_in_the_order_of_seeds(self, folder):
        folder.write_block(range(100, 103), {"runs": frame(range(100, 103), 50)})
        folder.write_block(range(2), {"runs": frame(range(2))})
        assert folder.blocks_done() == [(0, 1), (100, 102)]
        assert sorted(path.name for path in (folder.path / "blocks").iterdir()) == [
            "seeds-000000-000001",
            "seeds-000100-000102",
        ]
        table = folder.read("runs")
        assert table["seed"].tolist() == [0, 0, 1, 1, 100, 100, 101, 101, 102, 102]
        assert table["arm"].astype(str).tolist() == ["no_alliance", "committee"] * 5
        assert table["output"].tolist() == [0, 2, 1, 3, 50, 53, 51, 54, 52, 55]
        assert leftovers(folder.path) == []

    def test_the_cut_into_blocks_does_not_show(self, tmp_path):
        whole, cut = (RunFolder(tmp_path, "x", name) for name in "ab")
        table = frame(range(12))
        whole.write_block(range(12), {"runs": table})
        for part in (range(5, 12), range(5)):
            cut.write_block(part, {"runs": table[table["seed"].isin(part)]})
        pd.testing.assert_frame_equal(whole.read("runs"), cut.read("runs"))

    def test_columns_and_seeds(self, folder):
        for part in folder.missing(range(20), 5):
            folder.write_block(part, {"runs": frame(part), "other": frame(part)})
        table = folder.read("runs", columns=["output"], seeds=range(4, 11))
        assert table.columns.tolist() == ["output"]
        assert len(table) == 14
        seeds = folder.read("runs", seeds=range(18, 40))["seed"]
        assert seeds.unique().tolist() == [18, 19]
        with pytest.raises(KeyError):
            folder.read("runs", columns=["outptu"])

    def test_overlapping_blocks_give_each_seed_once(self, folder):
        for seeds in (range(10), range(5, 15), range(6, 8), range(20, 22), range(14, 21)):
            folder.write_block(seeds, {"runs": frame(seeds)})
        counts = folder.read("runs")["seed"].value_counts()
        assert sorted(counts.index) == list(range(22))
        assert set(counts) == {2}
        assert set(folder.read("runs", seeds=range(7, 21))["seed"]) == set(range(7, 21))

    def test_the_first_of_two_equal_blocks_stays(self, folder):
        folder.write_block(range(3), {"runs": frame(range(3))})
        folder.write_block(range(3), {"runs": frame(range(3), 99)})
        assert folder.read("runs")["output"].max() == 5
        assert leftovers(folder.path) == []

    def test_a_table_that_is_empty_in_a_block(self, folder):
        folder.write_block(range(3), {"events": pd.DataFrame({"seed": [], "month": [], "kind": []})})
        event = pd.DataFrame({"seed": [4], "month": [7], "kind": ["a"]})
        folder.write_block(range(3, 5), {"events": event})
        assert folder.read("events").to_dict("list") == {"seed": [4], "month": [7], "kind": ["a"]}

    def test_compression(self, folder):
        folder.write_block(range(3), {"runs": frame(range(3))})
        file = pq.ParquetFile(folder.path / "blocks/seeds-000000-000002/runs.parquet")
        assert file.metadata.row_group(0).column(0).compression == "ZSTD"

    @pytest.mark.parametrize("seeds", [range(0), range(0, 4, 2), range(-1, 3)])
    def test_seeds_that_are_no_block(self, folder, seeds):
        with pytest.raises(ValueError, match="consecutive"):
            folder.write_block(seeds, {})

    @pytest.mark.parametrize("table", [frame(range(4)), pd.DataFrame({"output": [1.0]})])
    def test_rows_of_other_seeds_are_refused(self, folder, table):
        with pytest.raises(ValueError, match="seed"):
            folder.write_block(range(3), {"runs": table})
        assert folder.blocks_done() == []

    def test_nothing_stored(self, folder):
        with pytest.raises(StorageError) as caught:
            folder.read("runs")
        assert str(folder.path / "blocks") in sentence(caught.value)

    def test_a_damaged_or_missing_file_is_named(self, folder):
        folder.write_block(range(300), {"runs": frame(range(300))})
        path = folder.path / "blocks/seeds-000000-000299/runs.parquet"
        content = path.read_bytes()
        for length in (0, 3, 100, len(content) - 9, len(content) - 1):
            path.write_bytes(content[:length])
            with pytest.raises(StorageError) as caught:
                folder.read("runs")
            assert str(path) in sentence(caught.value)
        with pytest.raises(StorageError):
            folder.read("no_such_table")


class TestMissing:
    def test_a_new_run(self):
        assert blocks.missing(range(10), [], 4) == [range(4), range(4, 8), range(8, 10)]
        assert blocks.missing(range(0), [], 4) == []

    def test_what_was_stored_with_another_size_is_skipped(self):
        done = [(0, 2), (5, 6)]
        assert blocks.missing(range(12), done, 4) == [range(3, 4), range(4, 5), range(7, 8), range(8, 12)]
        assert blocks.missing(range(3), done, 4) == []

    def test_against_counting(self):
        """All choices of up to two blocks among few seeds: each missing seed once, in order, within a cut."""
        spans = [(first, last) for first in range(8) for last in range(first, 8)]
        for done in [[], *([span] for span in spans), *map(sorted, itertools.combinations(spans, 2))]:
            for seeds, size in ((range(7), 3), (range(2, 6), 2), (range(8), 10)):
                parts = blocks.missing(seeds, done, size)
                stored = {seed for first, last in done for seed in range(first, last + 1)}
                assert [seed for part in parts for seed in part] == [s for s in seeds if s not in stored]
                assert all(len({(seed - seeds.start) // size for seed in part}) == 1 for part in parts)


class TestFailure:
    def check_failed_block(self, folder: RunFolder, *words: str) -> None:
        with pytest.raises(StorageError) as caught:
            folder.write_block(range(3), {"runs": frame(range(3))})
        text = sentence(caught.value)
        assert all(word in text for word in (str(folder.path), " GB" if " GB" in text else " MB", *words))
        assert folder.blocks_done() == []
        assert leftovers(folder.path) == []

    @pytest.mark.parametrize(
        ("number", "word"),
        [(errno.ENOSPC, "disk is full"), (errno.EACCES, "not permitted"), (errno.EIO, "Nothing")],
    )
    def test_a_disk_that_refuses(self, folder, monkeypatch, number, word):
        def refuse(descriptor):
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "fsync", refuse)
        self.check_failed_block(folder, word, os.strerror(number))

    def test_a_disk_that_fills_at_the_second_table(self, folder, monkeypatch):
        write_synced, written = atomic.write_synced, []

        def fill(path, content):
            write_synced(path, content)
            written.append(path)
            if len(written) == 2:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(atomic, "write_synced", fill)
        with pytest.raises(StorageError):
            folder.write_block(range(3), {"runs": frame(range(3)), "series": frame(range(3))})
        assert len(written) == 2
        assert leftovers(folder.path) == []
        folder.write_block(range(3), {"runs": frame(range(3)), "series": frame(range(3))})
        assert folder.blocks_done() == [(0, 2)]

    def test_a_rename_that_fails(self, folder, monkeypatch):
        def refuse(path, target):
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        monkeypatch.setattr(Path, "rename", refuse)
        self.check_failed_block(folder)

    def test_an_interrupt_leaves_nothing(self, folder, monkeypatch):
        def interrupt(descriptor):
            raise KeyboardInterrupt

        monkeypatch.setattr(os, "fsync", interrupt)
        with pytest.raises(KeyboardInterrupt):
            folder.write_block(range(3), {"runs": frame(range(3))})
        with pytest.raises(KeyboardInterrupt):
            folder.write_text("report.md", "text")
        assert leftovers(folder.path) == []

    def test_a_limit_of_the_system(self, folder):
        pytest.importorskip("resource")
        code = """if True:
            import resource, sys
            from pathlib import Path
            import numpy as np, pandas as pd
            from clustersim.errors import StorageError
            from clustersim.storage.folder import RunFolder
            folder = RunFolder.at(Path(sys.argv[1]))
            table = pd.DataFrame({"seed": 0, "noise": np.random.default_rng(0).random(50_000)})
            resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
            try:
                folder.write_block(range(1), {"runs": table})
            except StorageError as error:
                print(error.describe())
        """
        process = start(code, folder.path)
        output, errors = process.communicate(timeout=60)
        assert os.strerror(errno.EFBIG) in output, errors
        assert folder.blocks_done() == []
        assert leftovers(folder.path) == []

    def test_check_writable(self, tmp_path):
        atomic.check_writable(tmp_path / "new" / "results")
        assert list((tmp_path / "new" / "results").iterdir()) == []
        (tmp_path / "file").write_text("in the way")
        for root in (tmp_path / "file", tmp_path / "file" / "below"):
            with pytest.raises(StorageError) as caught:
                atomic.check_writable(root)
            assert f"The folder {root} cannot be created" in sentence(caught.value)
            assert "GB" in sentence(caught.value) or "MB" in sentence(caught.value)
        assert (tmp_path / "file").read_text() == "in the way"

    def test_a_full_disk_is_found_before_the_run(self, tmp_path, monkeypatch):
        def refuse(descriptor):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", refuse)
        with pytest.raises(StorageError, match=r"disk is full|磁盘空间不足"):
            atomic.check_writable(tmp_path)
        assert list(tmp_path.iterdir()) == []


HANGING_WRITER = """if True:
    import sys, time
    from pathlib import Path
    import pandas as pd
    from clustersim.storage import atomic
    from clustersim.storage.folder import RunFolder
    write_synced = atomic.write_synced
    def hang(path, content):
        write_synced(path, content[: len(content) // 2])
        print("half", flush=True)
        time.sleep(120)
    atomic.write_synced = hang
    folder = RunFolder.at(Path(sys.argv[1]))
    if sys.argv[2] == "block":
        folder.write_block(range(3), {"runs": pd.DataFrame({"seed": [0, 1, 2]})})
    else:
        folder.write_text("figures/notes.md", "long text")
"""

WRITER = """if True:
    import sys
    from pathlib import Path
    import pandas as pd
    from clustersim.storage.folder import RunFolder
    folder = RunFolder.at(Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    for size in (5, int(sys.argv[2])):
        for part in folder.missing(range(60), size) + folder.missing(range(60), 1)[:10]:
            table = pd.DataFrame({"seed": list(part), "square": [seed**2 for seed in part]})
            folder.write_block(part, {"runs": table})
        folder.create()
        folder.write_text("report.md", "text " * 1000)
"""


class TestProcesses:
    @pytest.mark.parametrize("what", ["block", "file"])
    def test_killed_in_the_middle_of_a_write(self, folder, what):
        process = start(HANGING_WRITER, folder.path, what)
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        assert len(leftovers(folder.path)) == 1
        folder.create()
        assert len(leftovers(folder.path)) == 1, "the write of a living process is left alone"
        process.kill()
        process.communicate(timeout=60)
        assert folder.blocks_done() == []
        assert folder.inventory() == {}
        folder.create()
        assert leftovers(folder.path) == []
        assert folder.missing(range(3), 3) == [range(3)]

    def test_what_another_machine_writes_is_left_alone_for_a_day(self, folder):
        fresh, old = (folder.path / f".tmp-other000-1-{name}" for name in ("fresh", "old"))
        for path in (fresh, old):
            path.mkdir()
        yesterday = time.time() - atomic.FOREIGN_SECONDS - 60
        os.utime(old, (yesterday, yesterday))
        folder.create()
        assert leftovers(folder.path) == [fresh]

    def test_two_processes_on_one_folder(self, folder):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, str(folder.path), str(size)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for size in (5, 7)
        ]
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write("go\n")
            writer.stdin.flush()
        for writer in writers:
            _, errors = writer.communicate(timeout=60)
            assert writer.returncode == 0, errors
        table = folder.read("runs")
        assert table["seed"].tolist() == list(range(60))
        assert (table["square"] == table["seed"] ** 2).all()
        assert leftovers(folder.path) == []


class TestFiles:
    def test_a_file_is_replaced_whole_or_not_at_all(self, folder, monkeypatch):
        folder.write_text("figures/report.md", "新桥")
        assert (folder.path / "figures" / "report.md").read_bytes() == "新桥".encode()

        def refuse(descriptor):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", refuse)
            with pytest.raises(StorageError):
                folder.write_text("figures/report.md", "other")
        assert (folder.path / "figures" / "report.md").read_text(encoding="utf-8") == "新桥"
        folder.write_bytes("figures/report.md", b"other")
        assert (folder.path / "figures" / "report.md").read_bytes() == b"other"
        assert leftovers(folder.path) == []

    def test_tables(self, folder):
        table = pd.DataFrame({"arm": ["委员会", "b"], "effect": [0.1, -2.5]})
        folder.write_table("effects.csv", table)
        folder.write_table("series.parquet", table)
        assert (folder.path / "effects.csv").read_bytes().startswith(b"\xef\xbb\xbfarm,effect\n")
        pd.testing.assert_frame_equal(pd.read_csv(folder.path / "effects.csv"), table)
        pd.testing.assert_frame_equal(pd.read_parquet(folder.path / "series.parquet"), table)

    @pytest.mark.parametrize(("name", "safe"), [("新桥 2", "新桥 2"), ("a/b:c", "a_b_c"), ("..", "_"), ("x. ", "x")])
    def test_the_scenario_names_a_folder_on_any_system(self, tmp_path, name, safe):
        assert RunFolder(tmp_path, name, "id").path == tmp_path / safe / "id"

    def test_a_folder_that_a_user_names(self, folder):
        assert RunFolder.at(folder.path) == folder


class TestManifest:
    def test_a_run_from_its_beginning_to_its_end(self, folder):
        assert folder.read_manifest() is None
        begun = manifest.Manifest.begin(PAYLOAD)
        folder.write_manifest(begun)
        assert folder.read_manifest() == begun
        assert begun.status == "running"
        assert begun.ended is None
        folder.write_block(range(3), {"runs": frame(range(3))})
        folder.write_text("figures/a.svg", "<svg/>")
        done = folder.complete(begun, 7)
        assert folder.read_manifest() == done
        assert (done.status, done.seeds, done.started) == ("complete", [[0, 2]], begun.started)
        assert done.ended is not None
        assert done.ended.endswith("Z")
        assert list(done.files) == ["blocks/seeds-000000-000002/runs.parquet", "figures/a.svg"]
        assert done.files["figures/a.svg"] == hashlib.sha256(b"<svg/>").hexdigest()
        assert folder.inventory() == done.files

    def test_what_it_says(self):
        begun = manifest.Manifest.begin(PAYLOAD)
        assert begun.run_id == manifest.run_id(PAYLOAD)
        assert begun.scenario == PAYLOAD["scenario"]
        assert begun.scenario_hash == manifest.digest(PAYLOAD["scenario"])
        assert begun.code_version == "0.1.0+abc"
        assert begun.identity == {"layout": 1, "roster": "d1"}
        assert begun.packages["numpy"] == np.__version__
        assert set(begun.packages) == {"python", "numpy", "scipy", "pandas", "pyarrow", "mesa", "SALib"}
        assert set(begun.machine) == {"system", "processor", "cpu_count", "memory_gb"}

    def test_it_names_neither_the_machine_nor_its_user_nor_a_folder(self, folder):
        scenario = {"name": "x", "population": {"roster": str(folder.path / "firms.csv")}}
        folder.write_block(range(3), {"runs": frame(range(3))})
        folder.complete(manifest.Manifest.begin({"scenario": scenario, "code": "1"}), 2)
        values = json.loads((folder.path / "manifest.json").read_text(encoding="utf-8"))

        def texts(value):
            if isinstance(value, dict):
                return [text for below in (*value, *value.values()) for text in texts(below)]
            return [text for below in value for text in texts(below)] if isinstance(value, list) else [value]

        private = {platform.node(), getpass.getuser()}
        for text in filter(lambda text: isinstance(text, str), texts(values)):
            assert text not in private
            assert not Path(text).is_absolute()
        assert values["scenario"]["population"]["roster"] == "firms.csv"

    @pytest.mark.parametrize("content", ["", "{", "[]", '{"run_id": "x"}', '{"no_such_key": 1}'])
    def test_a_damaged_manifest_is_named(self, folder, content):
        (folder.path / "manifest.json").write_text(content)
        with pytest.raises(StorageError) as caught:
            folder.read_manifest()
        assert str(folder.path / "manifest.json") in sentence(caught.value)


class TestCodeVersion:
    """What is hashed is what decides a result."""

    CODE = b'''"""A step."""

from math import exp


def step(x):
    """One step."""
    if x > 1:
        x = exp(-x)
    return x + 2
'''
    PRESET = b"# A preset.\npolicy:\n  matchmaking: {interval: 3}  # each quarter\n  services: {}\n"

    @pytest.fixture(name="package")
    def _package(self, tmp_path):
        for name, content in (
            ("spec/step.py", self.CODE),
            ("policies/one.yaml", self.PRESET),
            ("messages/text.py", b"x = 1\n"),
            ("scenario/words.py", b"x = 1\n"),
        ):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(content)
        return tmp_path

    @pytest.mark.parametrize(
        ("name", "before", "after"),
        [
            ("spec/step.py", b"A step", b"Another step"),
            ("spec/step.py", b'    """One step."""\n', b""),
            ("spec/step.py", b"    return", b"    # so\n\n    return"),
            ("spec/step.py", b"exp(-x)", b"exp(\n            -x\n        )"),
            ("spec/step.py", b"\n", b"\r\n"),
            ("policies/one.yaml", b"each quarter", b"four times a year"),
            ("messages/text.py", b"1", b"2"),
            ("scenario/words.py", b"1", b"2"),
        ],
    )
    def test_words_and_layout_do_not_count(self, package, name, before, after):
        known = source_hash(package)
        assert before in (package / name).read_bytes()
        (package / name).write_bytes((package / name).read_bytes().replace(before, after))
        assert source_hash(package) == known

    @pytest.mark.parametrize(
        ("name", "before", "after"),
        [
            ("spec/step.py", b"x + 2", b"x + 3"),
            ("spec/step.py", b"    return", b"        return"),
            ("spec/step.py", b"exp(-x)", b'"x"'),
            ("policies/one.yaml", b"interval: 3", b"interval: 4"),
            (
                "policies/one.yaml",
                b"  matchmaking: {interval: 3}  # each quarter\n  services: {}\n",
                b"  services: {}\n  matchmaking: {interval: 3}\n",
            ),
        ],
    )
    def test_what_is_computed_counts(self, package, name, before, after):
        known = source_hash(package)
        assert before in (package / name).read_bytes()
        (package / name).write_bytes((package / name).read_bytes().replace(before, after))
        assert source_hash(package) != known

    def test_a_new_name_counts(self, package):
        known = source_hash(package)
        (package / "spec" / "step.py").rename(package / "spec" / "steps.py")
        assert source_hash(package) != known

    def test_the_version_is_that_of_this_package(self):
        package = Path(manifest.__file__).parents[1]
        assert code_version().endswith(f"+{source_hash(package)[:8]}")
