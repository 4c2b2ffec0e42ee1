"""Emacs with docs/editors/codekin.el, with its own client, with eglot and with lsp-mode."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from support.places import ROOT

HERE = Path(__file__).parent
MODULE = ROOT / "docs/editors/codekin.el"
INSTALL = "apt-get install emacs-nox elpa-eglot elpa-lsp-mode"


@pytest.mark.parametrize("client", ["alone", "eglot", "lsp-mode"])
def test_emacs(client, system_program, run_editor, workspace):
    emacs = system_program("emacs", INSTALL)
    settings = {"CLIENT": client, "MODULE": str(MODULE), "WORKSPACE": str(workspace)}
    seen = run_editor(emacs, "--batch", "-l", str(HERE / "emacs.el"), **settings)
    if "missing" in seen:
        pytest.skip(f"Emacs {seen['version']} has no {client}. To fix: {INSTALL}")
    print("Emacs", seen["version"])

    commit = seen["commit"]
    assert commit["group"] == seen["pull-request"]["group"] == "Commits and pull requests"
    assert re.match(r" *commit [0-9a-f]{7} Begin the parcel service \(Ann, \d{4}-", commit["row"])
    assert commit["mode"] == "diff-mode"
    assert "+def call_with_retry(" in commit["text"]
    assert re.match(r" *pull request #12 [0-9a-f]{7} Deliver on Sundays too \(Ann, ", seen["pull-request"]["row"])
    assert "Couriers asked for it." in seen["pull-request"]["text"]
    revision = seen["revision"]
    assert re.match(r"api/parcelpost/carriers\.py at [0-9a-f]{7}", revision["group"])
    assert re.match(r" *11: call_with_retry: ", revision["row"])
    assert revision["line"].startswith("def call_with_retry(")
    assert revision["mode"] == "python-mode"
    assert seen["folder"]["group"] == "gateway/webhooks/"
    assert seen["folder"]["mode"] == "dired-mode"

    assert seen["search"]["lines"][0] == "api/parcelpost/carriers.py"
    assert seen["search"]["lines"][1].startswith("11: call_with_retry: def call_with_retry(")
    assert seen["search"]["place"] == ["api/parcelpost/carriers.py", 11]
    assert seen["related"]["lines"][0] == "api/tests/test_carriers.py"
    assert seen["related"]["place"] == ["api/tests/test_carriers.py", 4]
    assert seen["nothing"] == "Codekin: nothing found"
    assert seen["servers"] == (1 if client == "alone" else 0), "the client's own server was not asked"
    if client == "alone":
        return
    assert "test_gives_up_after_the_last_attempt" in seen["hover"]
    name, path, _ = seen["symbols"][0]
    assert "call_with_retry" in name
    assert path == "api/parcelpost/carriers.py"
    if client == "lsp-mode":  # eglot of Emacs 28 does not support work-done progress
        assert seen["progress"][-1] == "begin"  # the newest first; the script waits for the end


def test_the_module_compiles_without_warnings(system_program, tmp_path):
    emacs = system_program("emacs", INSTALL)
    copy = tmp_path / MODULE.name
    copy.write_text(MODULE.read_text(encoding="utf-8"))
    compiling = '(progn (setq byte-compile-error-on-warn t) (kill-emacs (if (byte-compile-file (getenv "EL")) 0 1)))'
    done = subprocess.run(
        [emacs, "--batch", "-Q", "--eval", compiling],
        env={"EL": str(copy), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
