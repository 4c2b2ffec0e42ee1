"""What a file is for, by its path: code, a test, a change log, a translation and so on.

This is the one table of roles. The first rule that matches decides, so their order matters: a test
of vendored code is vendored, and a change log in a folder of documents is a change log.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from codekin.domain.paths import TEST_PATH
from codekin.domain.roles import Role

_PROSE = r"(md|mdx|rst|txt|adoc|org|markdown)"
_LANGUAGES = "ar|bn|cs|da|de|el|es|fa|fi|fr|he|hi|hu|id|it|ja|ko|nl|no|pl|pt|ro|ru|sv|th|tr|uk|vi|zh"
_RULES: tuple[tuple[Role, str, str], ...] = (
    (
        Role.VENDORED,
        r"vendor|vendored|_vendor|vendored[_-]\w+|third[_-]?party|externals?|node_modules|deps",
        r"[._-]v?\d+\.\d+(\.\d+)*\.([cm]?js|css)$",
    ),
    (
        Role.GENERATED,
        r"generated|dist|single[-_]?(include|header)|amalgamat(ion|ed)",
        (
            r"\.(min|generated|pb|g|bundle|designer)\.[\w.]+$|[-_]amalgamated\.\w+$|\.d\.[cm]?ts$|_pb2(_grpc)?\.pyi?$|\.(map|snap)$|^go\.sum$"
            r"|^(package-lock\.json|pnpm-lock\.yaml|(yarn|cargo|poetry|gemfile|composer)\.lock)$"
        ),
    ),
    (
        Role.CHANGE_LOG,
        r"changelogs?|changelog\.d|news|releasenotes|release[_-]notes|whatsnew|\.changeset|\.changes",
        (
            rf"^(changes?|change[_-]?logs?|history|news|releases?|release[_-]?notes|whatsnew|upgrad(e|ing))(\.({_PROSE}|old))?$"
            rf"|^(changelog|change_log|release_notes|changes)[-_.\w]*\.{_PROSE}$"
        ),
    ),
    (Role.BUILD, r"\.github/workflows|\.circleci|\.gitlab|\.azure-pipelines|\.buildkite", ""),
    (
        Role.TRANSLATION,
        rf"(docs?|documentation|readmes?)/({_LANGUAGES})([-_]\w{{2,4}})?",
        r"\.(po|pot|mo|xlf|xliff|resx|arb|strings|ftl)$|^readme[-_.][a-z]{2}([-_][a-z]{2})?\.md$",
    ),
    (
        Role.TEST,
        (
            r"(integration|unit|functional)[_-]?tests?|test[_-]?(data|resources|support|utils?|helpers?|suite)|e2e"
            r"|testes|(jvm|common|js|native|self)test|fuzz(ing|ers?)?|\w+[-_]tests?"
        ),
        "",
    ),
    (
        Role.TEMPLATE,
        r"\.github/issue_template",
        r"^(issue|pull_request)_template|\.(tmpl|tpl|mustache|j2|jinja2?|template|cookiecutter|in)$|_t$",
    ),
    (Role.EXAMPLE, r"examples?|samples?|demos?|tutorials?|playgrounds?|sandbox(es)?|benchmarks?|bench|benches", ""),
    (
        Role.BUILD,
        r"\.github|\.circleci|\.gitlab|\.azure-pipelines|\.buildkite|ci|\.?zuul\.d|\.travis",
        (
            r"^(gnu)?makefile$|^(dockerfile|jenkinsfile|rakefile|justfile|meson\.build|configure\.ac|build\.zig|workspace)$"
            r"|^dockerfile\.|^cmakelists\.txt$|^build(\.bazel)?$|^g(ulp|runt)file\.\w+$|^\.(travis|gitlab-ci|zuul)\.ya?ml$"
            r"|^(appveyor|azure-pipelines)\.ya?ml$|\.(cmake|gradle|gradle\.kts|mk|am|m4|bzl|bazel|vcxproj|targets|props|spec)$"
        ),
    ),
    (
        Role.CONFIGURATION,
        "",
        (
            r"\.(toml|ya?ml|ini|cfg|conf|properties|env|lock|gemspec|cabal|csproj|sln|nix|json5?|jsonc|xml|plist|neon)$"
            r"|^\.[\w-]+$|^\.[\w.-]+rc(\.\w+)?$|^\.[\w-]+(\.dist)?\.(php|[cm]?[jt]s)$|\.config\.[cm]?[jt]s$|\.neon\.dist$|^(go\.mod|gemfile|pipfile|procfile|codeowners|mix\.exs|package\.swift|setup\.py)$"
            r"|^requirements[\w-]*\.txt$"
        ),
    ),
    (Role.DOCUMENT, r"docs?|documentation|website|man", rf"\.({_PROSE}|tex|pod|\d|\d\.prebuilt|mdc)$"),
    (
        Role.DATA,
        "",
        r"\.(csv|tsv|svg|ipynb|sql|dat|parquet|sty|bib|cls|jsonl|ndjson|geojson|patch|diff|tm(theme|language))$|\.sublime-[\w-]+$|^_[\w-]+$",
    ),
)
"""The role, the names of folders above the file, and the names of files that have it."""
_LOCALE_FOLDER = re.compile(r"(^|/)(locales?|langs?|i18n|translations?|l10n|messages)/", re.IGNORECASE)
_LOCALE_FILE = re.compile(r"\.(json|ya?ml|properties|xml|toml)$", re.IGNORECASE)
_TRANSLATION = [role for role, _, _ in _RULES].index(Role.TRANSLATION)
_TEST = [role for role, _, _ in _RULES].index(Role.TEST)
_NONE = len(_RULES)
_FOLDERS = [re.compile(rf"(^|/)({text})/", re.IGNORECASE) if text else None for _, text, _ in _RULES]
_NAMES = [re.compile(text, re.IGNORECASE) if text else None for _, _, text in _RULES]
_ANY_NAME = re.compile("|".join(text for _, _, text in _RULES if text), re.IGNORECASE)
"""One search that finds nothing in the name of a file of code."""


def role_of(path: str) -> Role:
    """Return the role of a file by the first rule that matches; CODE if none does."""
    folder, slash, name = path.rpartition("/")
    of_folder, is_locale = _of_folder(folder + slash)
    number = min(of_folder, _of_name(name))
    if is_locale and number > _TRANSLATION and _LOCALE_FILE.search(name):
        number = _TRANSLATION
    if number == _NONE:
        return Role.CODE
    return _RULES[number][0]


@lru_cache(maxsize=10_000)
def _of_folder(folder: str) -> tuple[int, bool]:
    """Return (number of the first rule for the folders, whether they may be of translations)."""
    return _first(_FOLDERS, folder), _LOCALE_FOLDER.search(folder) is not None


def _of_name(name: str) -> int:
    if _ANY_NAME.search(name):
        return _first(_NAMES, name)
    return _TEST if TEST_PATH.search(name) else _NONE


def _first(patterns: Sequence[re.Pattern[str] | None], text: str) -> int:
    """Return the number of the first rule that matches, `_NONE` if none does.

    Tests are also known by `TEST_PATH`, no match of which extends across a slash before a name.
    """
    found = next((at for at, pattern in enumerate(patterns) if pattern and pattern.search(text)), _NONE)
    return min(found, _TEST) if TEST_PATH.search(text) else found
