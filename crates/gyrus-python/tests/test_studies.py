"""A study from Python: the command's bytes, tables in three libraries, arrays with named axes, the page in a notebook."""

import base64
import hashlib
import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT

import gyrus


def digests(folder):
    """Of everything that must not differ."""
    files = [path for path in folder.rglob("*") if path.is_file() and "store" not in path.relative_to(folder).parts]
    kept = {"provenance.json", ".gyrus-lock"}
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.name not in kept
    }


def test_a_study_from_python_is_the_same_bytes_as_from_the_command(analysed, small_study, tmp_path):
    program = ROOT / "target/release/gyrus"
    assert program.is_file(), f"{program} is not there: cargo build --release"
    ran = subprocess.run([program, "analyze", small_study, "-o", tmp_path / "out"], check=True, capture_output=True, text=True)
    found, expected = digests(analysed.path), digests(tmp_path / "out")
    assert len(expected) > 20 and found == expected
    assert ran.stdout.splitlines()[0] == analysed.answer
    assert f"warning: {analysed.warnings[0]}" in ran.stderr


def test_a_finished_study_is_not_done_again(analysed, small_study):
    class Heard:
        def __init__(self):
            self.notes, self.stages, self.shares = [], [], []

        begin = lambda self, stage: self.stages.append(stage)  # noqa: E731
        advance = lambda self, share: self.shares.append(share)  # noqa: E731
        note = lambda self, sentence: self.notes.append(sentence)  # noqa: E731

    heard = Heard()
    before = digests(analysed.path)
    with pytest.warns(gyrus.GyrusWarning):
        gyrus.Study.from_toml(small_study).analyze(analysed.path, progress=heard)
    assert any("tasks are finished already" in note for note in heard.notes)
    assert heard.stages and 0 <= min(heard.shares) <= max(heard.shares) <= 1
    assert digests(analysed.path) == before


def test_a_bar_shows_the_stage_and_its_share(capsys):
    from gyrus.progress import shown

    with shown(True) as bar:
        bar.begin("fit")
        bar.advance(0.5)
        bar.note("a task is finished already")
    said = capsys.readouterr().err
    assert "\r" + 12 * "█" + 12 * "·" + "  50 % fit" in said and "note: a task" in said and said.endswith("\n")
    with shown(False) as nothing:
        assert nothing is None


def test_check_says_what_would_be_done(small_study):
    with pytest.warns(gyrus.GyrusWarning):
        plan = gyrus.Study.from_toml(small_study).check()
    assert "27 participants, 6 targets" in plan and "prepare" in plan


def test_a_wrong_study_raises_the_text_of_the_command(small_study, tmp_path):
    program = ROOT / "target/release/gyrus"
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(small_study.read_text().replace("surrogates =", "surogates ="))
    ran = subprocess.run([program, "check", wrong], capture_output=True, text=True)
    with pytest.raises(gyrus.InputError) as raised:
        gyrus.Study.from_toml(wrong).check()
    assert ran.returncode == 1 and ran.stderr.strip() == f"error: {raised.value}"
    assert isinstance(raised.value, ValueError) and "surogates" in str(raised.value)
    with pytest.raises(gyrus.InputError, match="missing.toml"):
        gyrus.Study.from_toml(tmp_path / "missing.toml").analyze(tmp_path / "out")
    with pytest.raises(gyrus.InputError, match="memory"):
        gyrus.Study.from_toml(small_study).analyze(tmp_path / "out", memory="1 MiB")
    with pytest.raises(gyrus.InputError, match="4"):
        gyrus.Study.from_toml(small_study).check(memory="much")


def test_scores_are_the_same_in_every_library(analysed):
    pandas, polars, arrow = (analysed.scores(library=library) for library in ("pandas", "polars", "arrow"))
    assert list(pandas.columns) == polars.columns == arrow.column_names
    for column in ("participant", "layer", "score"):
        expected = arrow[column].to_pylist()
        assert polars[column].to_list() == expected
        assert [None if value != value else value for value in pandas[column]] == expected
    for name in analysed.tables:
        tables = [analysed.table(name, library=library) for library in ("pandas", "polars", "arrow")]
        assert len({len(table) for table in tables}) == 1, name
        assert list(tables[0].columns) == tables[1].columns == tables[2].column_names
    with pytest.raises(gyrus.InputError, match="found no table 'scroes'"):
        analysed.table("scroes")
    with pytest.raises(gyrus.InputError, match="library"):
        analysed.scores(library="excel")


def test_arrays_have_named_axes(analysed):
    scores = analysed.array("score")
    assert scores.dims == ("language_model", "participant", "layer", "target")
    assert scores.shape == (1, 27, 3, 6) and list(scores.layer.values) == [0, 2, 5]
    rows = analysed.scores().query("training == 'trained' and participant == 's18' and layer == 5")
    expected = dict(zip(rows.target, rows.score))
    for target, value in expected.items():
        assert scores.sel(participant="s18", layer=5, target=target).item() == value
    np.testing.assert_array_equal(analysed.array("score", library="numpy"), scores.values)
    with pytest.raises(gyrus.InputError, match="quantity"):
        analysed.array("weight")


def test_results_show_themselves(analysed):
    page = analysed._repr_html_()
    (drawing,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', page)
    assert base64.b64decode(drawing) == (analysed.path / "report/answer.svg").read_bytes()
    assert "<style" not in page and analysed.answer.split(" ")[0] in page and page.count("<li>") == len(analysed.warnings)
    assert "alice" in repr(analysed) and analysed.report.is_file()
    assert gyrus.open(str(analysed.path)).answer == analysed.answer
    before = digests(analysed.path)
    analysed.report.unlink()
    assert analysed.rewrite_report() == analysed.report and digests(analysed.path) == before


def test_a_folder_without_results_is_said_to_be_one(tmp_path):
    with pytest.raises(gyrus.InputError, match="found no results of a study"):
        gyrus.open(tmp_path)
    (tmp_path / "tables").mkdir()
    for text in ("{", "[]", '{"answer": 3}'):
        (tmp_path / "tables/results.json").write_text(text)
        with pytest.raises(gyrus.InputError, match="found nothing that can be read"):
            gyrus.open(tmp_path).answer
    with pytest.raises(gyrus.InputError, match="found no such file"):
        gyrus.open(tmp_path).scores()


def test_the_guide_of_studies_runs(analysed, small_study, capsys):
    (block,) = re.findall(r"^```python notest\n(.*?)^```", (ROOT / "docs/python.md").read_text(), flags=re.DOTALL | re.MULTILINE)
    for found, instead in {"examples/alice/study.toml": str(small_study), '"out"': f'"{analysed.path}"'}.items():
        assert found in block
        block = block.replace(found, instead)
    *lines, of_maps = block.strip().splitlines()
    assert "results.map(" in of_maps
    with pytest.warns(gyrus.GyrusWarning) as warned:
        exec(compile("\n".join(lines), "docs/python.md", "exec"), {"gyrus": gyrus})
    # A warning is of the line that called, not of a line of gyrus.
    assert {Path(one.filename).name for one in warned} == {"python.md"}
    assert "27 participants" in capsys.readouterr().out


def test_an_array_can_be_asked_for_maps(analysed):
    assert analysed.maps == []
    with pytest.raises(gyrus.InputError, match="its targets are neither voxels nor vertices"):
        analysed.map("group")


def test_studies_are_put_side_by_side(analysed, tmp_path):
    other = tmp_path / "other"
    (other / "tables").mkdir(parents=True)
    results = json.loads((analysed.path / "tables/results.json").read_text())
    results["study"] = "other"
    (other / "tables/results.json").write_text(json.dumps(results))
    found = gyrus.compare([analysed, other], output=tmp_path / "side")
    assert found.tables == ["differences", "models", "scaling"] and "other minus alice" in found.summary
    for library in ("pandas", "polars", "arrow"):
        assert len(found.table("models", library=library)) == 14
    rows = found.table("differences").query("region == 'mean' and quantity == 'score'")
    assert rows.difference.tolist() == [0.0] and rows.n_participants.tolist() == [27]
    assert (tmp_path / "side/index.html").is_file()
    with pytest.raises(gyrus.InputError, match="one language model in one study"):
        gyrus.compare(analysed)
    with pytest.raises(gyrus.InputError, match="found no table"):
        found.table("model")
