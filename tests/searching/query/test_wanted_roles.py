"""Questions about versions, settings, documents and releases find the files that answer them."""

from __future__ import annotations

import pytest

from codekin.domain.roles import Role
from codekin.searching.query.parsing import parse_query
from codekin.searching.query.wanted_roles import named_tools, wanted_roles
from codekin.searching.ranking.path_signals import wanted_strengths
from support.engines import open_indexed, search_paths

FILES = {
    "package.json": '{"name": "shop", "engines": {"node": ">=20"}, "dependencies": {"express": "^4.2.1"}}\n',
    "src/version.js": "// Compares a version of node with the one that runs.\n"
    "export function compareVersion(version) {\n  return version.split('.').map(Number)\n}\n",
    "src/install.js": "// Installs a plugin into the shop.\nexport function installPlugin(plugin) {\n  plugin.install()\n}\n",
    "src/proxy.js": "// Sends requests through the proxy.\nexport function useProxy(shop, proxy) {\n  shop.proxy = proxy\n}\n",
    "docs/plugins.md": "# Plugins\n\nTo install a plugin, add it to the settings of the shop.\n",
    "docs/proxy.md": "# Proxies\n\nUse the shop behind a proxy by setting `proxy`.\n",
    "CHANGELOG.md": "# Changes\n\n## 2.1.0\n\nPlugins can be removed.\n\n## 2.0.0\n\nPlugins.\n",
    "tests/fixtures/node/package.json": '{"name": "node", "version": "1.0.0", "engines": {"node": ">=4"}}\n',
    "docs/tr/plugins.md": "# Plugins\n\nTo install a plugin, add the plugin: install, plugin.\n",
    "lint/eslint.config.js": "export default [{ rules: {} }]\n",
    "lint/package.json": '{"name": "lint", "devDependencies": {"eslint": "9.0.0"}}\n',
    "docs/SourceMapFormat.md": "# Format\n\nHow lines are encoded.\n",
    "src/maps.js": "// The format of a source map: reads the source map format, writes the source map format.\n"
    "export function readSourceMap(source, format) {\n  return source.map(format)\n}\n",
    ".github/workflows/test.yml": "name: test\non: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n",
}


@pytest.fixture
async def engine(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    async with open_indexed(tmp_path, embedder="static") as engine:
        yield engine


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("which node version is required", "package.json"),
        ("which version of express", "package.json"),
        ("how do I install a plugin", "docs/plugins.md"),
        ("how do I use the shop behind a proxy", "docs/proxy.md"),
        ("what is new in 2.1.0", "CHANGELOG.md"),
        ("breaking changes in 2.0.0", "CHANGELOG.md"),
        ("github actions workflow of the tests", ".github/workflows/test.yml"),
        ("eslint configuration", "lint/eslint.config.js"),
        ("source map format", "docs/SourceMapFormat.md"),
        ("where is the plugin installed", "src/install.js"),
        ("send requests through the proxy", "src/proxy.js"),
    ],
)
async def test_the_file_that_answers_comes_first(engine, question, path):
    assert (await search_paths(engine, question))[0] == path


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ("install a plugin role:docs", {"docs/plugins.md", "docs/proxy.md", "docs/SourceMapFormat.md"}),
        ("install a plugin role:ci,changelog", {".github/workflows/test.yml", "CHANGELOG.md"}),
        ("role:config", {"package.json", "lint/package.json", "lint/eslint.config.js"}),
        (
            "install a plugin -role:document,change_log,build,configuration,test,translation",
            {"src/version.js", "src/install.js", "src/proxy.js", "src/maps.js"},
        ),
    ],
)
async def test_a_filter_keeps_files_of_a_role(engine, query, paths):
    assert set(await search_paths(engine, query)) == paths


@pytest.mark.parametrize(
    "query", ["package.json", "requiredVersion", "where is the retry logic", "how config defaults are merged", ""]
)
def test_code_names_and_paths_ask_for_no_documents(query):
    assert Role.DOCUMENT not in wanted_roles(parse_query(query))


def test_a_file_is_asked_for_by_its_role_or_as_a_manifest():
    wanted = wanted_roles(parse_query("which python versions are supported"))
    paths = ["pyproject.toml", "README.md", "src/versions.py", "docs/versions.md", "settings.yaml", "tests/setup.py"]
    assert wanted_strengths(wanted, (), paths).tolist() == [2.0, 0.4, 0.0, 0.4, 0.4, 0.0]


def test_a_tool_that_is_named_asks_for_its_own_files():
    query = parse_query("phpstan configuration")
    paths = ["composer.json", "phpstan/config.neon", "src/phpstan.php", "tests/phpstan.xml"]
    strengths = wanted_strengths(wanted_roles(query), named_tools(query), paths).tolist()
    assert strengths[1] > strengths[0] > strengths[2] == strengths[3] == 0.0
