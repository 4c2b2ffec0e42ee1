"""The role of a file by its path."""

from __future__ import annotations

import pytest

from codekin.domain.roles import Role
from codekin.searching.snapshot.roles import role_of


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        (
            Role.CODE,
            "src/app.py src/locale/de.js bench.c web/_header.scss resolver/manual/manual.go lib/history.rb src/release.go templates/cart.html",
        ),
        (
            Role.TEST,
            "tests/test_cart.py src/cart_test.go src/Cart.spec.ts integration-tests/run.rs testes/api.lua fuzz/target.rs",
        ),
        (Role.DOCUMENT, "docs/conf.py README.md guide/intro.rst doc/use.adoc man/rg.1 jq.1.prebuilt"),
        (
            Role.CONFIGURATION,
            "package.json pyproject.toml setup.cfg .eslintrc.js .php-cs-fixer.php jest.config.js phpstan.neon go.mod config/app.yaml .gitignore",
        ),
        (Role.BUILD, "Makefile .github/workflows/ci.yml CMakeLists.txt build.gradle Dockerfile cmake/Options.cmake"),
        (
            Role.CHANGE_LOG,
            "CHANGES CHANGELOG.md docs/changelog.rst NEWS.rst CHANGES.old doc/build/changelog/changelog_20.rst .changeset/x.md",
        ),
        (
            Role.TRANSLATION,
            "sphinx/locale/de/LC_MESSAGES/sphinx.po i18n/fr.json config/locales/de.yml README-de.md docs/ko/guide.md",
        ),
        (Role.DATA, "data/cities.csv logo.svg notebook.ipynb themes/dark.tmTheme complete/_rg"),
        (
            Role.GENERATED,
            (
                "dist/app.js jquery.min.js api.pb.go service_pb2.py package-lock.json single_include/json.hpp"
                " singleheader/simdjson.cpp extras/catch_amalgamated.hpp types/index.d.ts"
            ),
        ),
        (
            Role.VENDORED,
            (
                "vendor/lib/a.go third_party/zlib/a.c node_modules/x/index.js third-party/tests/a.c"
                " themes/static/jquery-3.5.1.js css/bootstrap.v4.1.css"
            ),
        ),
        (
            Role.TEMPLATE,
            ".github/ISSUE_TEMPLATE/bug.md page.html.j2 model.go.tmpl config.h.in sphinx/templates/conf.py_t",
        ),
        (Role.EXAMPLE, "examples/todo/app.ts samples/a.py benches/parse.rs demo/index.html"),
    ],
)
def test_role(role, paths):
    assert {path: role_of(path) for path in paths.split()} == dict.fromkeys(paths.split(), role)
