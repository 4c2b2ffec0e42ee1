"""What the benchmark of encoders compares, and how it ranks by an encoder alone."""

from __future__ import annotations

from benchmarks.encoders.candidates import Mixtures, cross_validated
from benchmarks.encoders.encoders import compared
from benchmarks.encoders.results import Result, by_encoder
from benchmarks.quality.question_data import Row

from codekin.config import load_config
from codekin.engine import Engine


def test_differences_are_paired_by_question_with_errors_over_repositories():
    without = [Result("s", "MRR", "a", "1", 0.2, 0.5), Result("s", "MRR", "b", "2", 0.2, 0.25)]
    results = [Result("s", "MRR", "b", "2", 0.5, 0.5), Result("s", "MRR", "a", "1", 1.0, 0.75)]
    found = compared(results, without)["s, MRR"]
    assert (found["n"], found["alone"], found["ranked"]) == (2, 0.75, 0.625)
    assert found["ranked less without"] == "+0.250 ± 0.000"
    assert found["ranked less alone"] == "-0.125 ± 0.088"


def test_a_mixture_is_chosen_by_other_repositories_of_the_same_kind():
    def text(kind, repository, *ranked):
        row = Row(f"{kind} {repository}", repository, "python", kind, "text", ("a.py",), "", False)
        return Mixtures(row, {"mrr": 0.1, "acc@5": 0.0}, [{"mrr": mrr, "acc@5": 1.0} for mrr in ranked])

    texts = [text("issue", "a", 1.0, 0.0), text("issue", "b", 0.0, 0.5), text("commit", "b", 0.9, 0.8)]
    found = {one.question: one for one in cross_validated(texts) if one.measure == "MRR"}
    # Each is measured with what is best for the other, and the commit has no other.
    assert [found[name].ranked for name in ("issue a", "issue b", "commit b")] == [0.0, 0.0, 0.9]
    assert {one.alone for one in found.values()} == {0.1}


async def test_files_by_nothing_but_the_encoder(tmp_path):
    root = tmp_path / "work"
    root.mkdir()
    (root / "one.py").write_text("def retry_failed_request(attempts):\n    return attempts\n")
    (root / "two.py").write_text("def draw_circle(radius):\n    return radius\n")
    engine = await Engine.open(load_config({"home": str(tmp_path / "home"), "deep": "off"}), [root], watch=False)
    try:
        await engine.index()
        assert by_encoder(engine.views(), "try a request again after a failure", 1) == ["one.py"]
        assert sorted(by_encoder(engine.views(), "circle", 10)) == ["one.py", "two.py"]
    finally:
        await engine.close()
