"""What a file is for, by its path: code, a test, a change log, a translation and so on.

This is the one table of roles. The first line whose pattern matches decides, so the order matters:
a test of vendored code is vendored, and a change log in a folder of documents is a change log.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache

from codekin.domain.paths import TEST_PATH


class Role(IntEnum):
    """The roles of a file; each has one."""

    CODE = 0
    TEST = 1
    DOCUMENT = 2
    CONFIGURATION = 3
    BUILD = 4
    CHANGE_LOG = 5
    TRANSLATION = 6
    DATA = 7
    GENERATED = 8
    VENDORED = 9
    TEMPLATE = 10
    EXAMPLE = 11


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (
        Role.VENDORED,
        _pattern(
            r"(^|/)(vendor|vendored|_vendor|vendored[_-]\w+|third[_-]?party|thirdparty|external|externals|node_modules|deps)/"
        ),
    ),
    (
        Role.GENERATED,
        _pattern(
            r"(^|/)(generated|dist|single_?include|amalgamation)/|\.(min|generated|pb|pb\.gw|g|bundle|designer)\.\w+$|_pb2(_grpc)?\.py"
            r"|\.(map|snap)$|(^|/)(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|cargo\.lock|poetry\.lock|gemfile\.lock|composer\.lock|go\.sum)$"
        ),
    ),
    (
        Role.CHANGE_LOG,
        _pattern(
            r"(^|/)(changes?|change[_-]?logs?|history|news|releases?|release[_-]?notes|whatsnew|what'?s[_-]?new|upgrad(e|ing)|migrating)"
            r"(\.(md|mdx|rst|txt|adoc|org|markdown|html))?$|(^|/)(changelogs?|changelog\.d|news|releasenotes|release[_-]notes|whatsnew|\.changeset|\.changes)/"
            r"|(^|/)(changelog|change_log|release_notes|changes)[-_.\w]*\.(md|rst|txt|adoc)$|(^|/)changelog_\d+\.rst$"
        ),
    ),
    (
        Role.TRANSLATION,
        _pattern(
            r"\.(po|pot|mo|xlf|xliff|resx|arb|strings|ftl)$|(^|/)(locales?|lang|langs|i18n|translations?|l10n|messages)/.*\.(json|ya?ml|properties|xml|toml)$"
            r"|(^|/)readme[-_.][a-z]{2}([-_][a-z]{2})?\.md$"
        ),
    ),
    (Role.TEST, TEST_PATH),
    (
        Role.TEST,
        _pattern(
            r"(^|/)(integration[_-]?tests?|unit[_-]?tests?|functional[_-]?tests?|test[_-]?(data|resources|support|utils?|helpers?|suite)|e2e|testes"
            r"|testsuite|jvmtest|commontest|jstest|nativetest|fuzz(ing|ers?)?|selftest)/|(^|/)\w+[-_]tests?/"
        ),
    ),
    (
        Role.TEMPLATE,
        _pattern(
            r"(^|/)\.github/(issue_template|pull_request_template|discussion_template)|(^|/)(issue|pull_request)_template|\.(tmpl|tpl|mustache|j2|jinja2?|template|cookiecutter)$|_t$"
        ),
    ),
    (
        Role.EXAMPLE,
        _pattern(r"(^|/)(examples?|samples?|demos?|tutorials?|playgrounds?|sandbox(es)?|benchmarks?|bench|benches)/"),
    ),
    (
        Role.BUILD,
        _pattern(
            r"(^|/)(\.github|\.circleci|\.gitlab|\.azure-pipelines|\.buildkite|ci|\.zuul\.d|zuul\.d|\.travis)/|(^|/)(makefile|gnumakefile|dockerfile|jenkinsfile|rakefile|justfile"
            r"|cmakelists\.txt|meson\.build|build\.gradle|settings\.gradle|build\.zig|configure\.ac|build(\.bazel)?|workspace|gulpfile\.\w+|gruntfile\.\w+)$"
            r"|\.(cmake|gradle|gradle\.kts|mk|am|m4|bzl|bazel|vcxproj|targets|props)$|(^|/)(\.travis|\.gitlab-ci|appveyor|azure-pipelines|\.zuul)\.ya?ml$|(^|/)dockerfile\."
        ),
    ),
    (
        Role.CONFIGURATION,
        _pattern(
            r"\.(toml|ya?ml|ini|cfg|conf|properties|editorconfig|env|lock|gemspec|cabal|csproj|sln|nix|json5?|jsonc|xml|plist)$|(^|/)(\.[\w.-]+rc(\.\w+)?|\.[\w-]+|go\.mod|gemfile|pipfile"
            r"|requirements[\w-]*\.txt|procfile|codeowners|mix\.exs|package\.swift|setup\.py)$"
        ),
    ),
    (
        Role.DOCUMENT,
        _pattern(r"(^|/)(docs?|documentation|website|man)/|\.(md|mdx|rst|txt|adoc|org|markdown|tex|pod|\d|mdc)$"),
    ),
    (
        Role.DATA,
        _pattern(r"\.(csv|tsv|svg|ipynb|sql|txt|dat|parquet|proto\.bin|sty|bib|cls|jsonl|ndjson|geojson|patch|diff)$"),
    ),
)


def role_of(path: str) -> Role:
    """Return the role of a file; CODE if no pattern matches."""
    folder, slash, name = path.rpartition("/")
    return _role(folder + slash, name)


@lru_cache(maxsize=50_000)
def _role(folder: str, name: str) -> Role:
    text = folder + name
    return next((role for role, pattern in _ROLES if pattern.search(text)), Role.CODE)
