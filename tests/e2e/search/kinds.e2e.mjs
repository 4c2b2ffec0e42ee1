// All kinds of results: code, tests, files, folders, commits, pull requests and other revisions.
import assert from "node:assert/strict";
import { appendFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startRepository } from "../support/repository.mjs";
import { useSession } from "../support/session.mjs";
import { until } from "../support/until.mjs";

const QUEUE = "gateway/webhooks/queue.go";
const TARIFFS = "api/parcelpost/tariffs.py";

/**
 * Creates three commits: the second deletes a file of the first, and the last is a pull request.
 */
function prepare(workspace) {
  const { git, commit } = startRepository(workspace);
  const tariffs = join(workspace, TARIFFS);
  writeFileSync(
    tariffs,
    'def island_tariff(zone):\n    """What a parcel to an island costs."""\n    return zone * 7\n',
  );
  commit("Ann", "2024-03-01", "Everything that there was");
  rmSync(tariffs);
  appendFileSync(join(workspace, QUEUE), "\n// Deliveries leave in the order in which they came.\n");
  commit("Bo", "2025-06-10", "Drop the tariffs of islands\n\nNobody has asked for them since the ferry stopped.");
  appendFileSync(join(workspace, QUEUE), "// A receiver that is down is asked again after a minute.\n");
  commit("Ann", "2026-02-10", "Ask receivers that are down again later (#12)");
  git(["remote", "add", "origin", "git@github.com:ann/parcelpost.git"]);
}

const test = useSession("kinds", { prepare });
const HASH = String.raw`[0-9a-f]{7}`;
const FOUND = {
  code: { query: "where is the retry logic?", icon: "symbol-method", row: /^call_with_retry.*carriers\.py:11-24/ },
  test: { query: "gives up after the last attempt", icon: "beaker", row: /^test_gives_up.*test_carriers\.py:\d+/ },
  file: { query: "carriers", icon: "file", row: /^carriers\.py.* api\/parcelpost\/carriers\.py/ },
  directory: { query: "webhooks", icon: "folder", row: /^webhooks\/.* gateway\/webhooks\// },
  commit: {
    query: "islands",
    icon: "git-commit",
    row: new RegExp(`^Drop the tariffs of islands.* ${HASH} · Bo · .*Nobody has asked for them`),
  },
  pull_request: {
    query: "receivers",
    icon: "git-pull-request",
    row: new RegExp(`^#12 Ask receivers that are down again later.* ${HASH} · Ann · `),
  },
};
const textOf = (bench) => bench.page.locator(".part.editor .view-lines").first().innerText();
const named = (bench, name) => until(async () => name.test((await bench.place()).file), `a tab like ${name}`);
const inLanguage = (bench, name) => bench.page.locator("#status\\.editor\\.mode", { hasText: name }).waitFor();
const shows = (bench, text) =>
  until(async () => (await textOf(bench)).replaceAll("\u00a0", " ").includes(text), `a document with "${text}"`);

for (const [kind, { query, icon, row }] of Object.entries(FOUND)) {
  test(`a result of kind ${kind} has its icon, name and place`, async ({ bench }) => {
    await bench.ready();
    await bench.openSearch(`${query} kind:${kind}`);
    await bench.rows(row, 60_000);
    const first = bench.page.locator(".quick-input-widget .monaco-list-row[data-index='0']");
    await first.locator(`.codicon-${icon}`).first().waitFor();
    await bench.shot(`91-kind-${kind}`);
  });
}

test("a commit opens as its message and changes, with syntax highlighting", async ({ bench }) => {
  await bench.openSearch("islands kind:commit");
  await bench.rows(FOUND.commit.row);
  await bench.page.keyboard.press("Enter");
  await shows(bench, "Nobody has asked for them since the ferry stopped.");
  await shows(bench, "-def island_tariff(zone):");
  await inLanguage(bench, "Diff");
  await named(bench, new RegExp(`^commit ${HASH}$`));
  await bench.shot("92-commit");
});

test("a pull request opens with its web address", async ({ bench }) => {
  await bench.openSearch("receivers kind:pr");
  await bench.rows(FOUND.pull_request.row);
  await bench.page.keyboard.press("Enter");
  await shows(bench, "https://github.com/ann/parcelpost/pull/12");
  await shows(bench, "+// A receiver that is down is asked again after a minute.");
  await named(bench, /^pull request #12$/);
  await bench.shot("93-pull-request");
});

test("a folder is revealed in the explorer", async ({ bench }) => {
  await bench.openSearch("webhooks kind:directory");
  await bench.rows(FOUND.directory.row);
  await bench.page.keyboard.press("Enter");
  await bench.page.locator(".explorer-folders-view .monaco-list-row.selected", { hasText: "webhooks" }).waitFor();
});

test("a result of another revision opens as in that revision", async ({ bench }) => {
  await bench.openSearch("island_tariff at:HEAD~2");
  await bench.rows(new RegExp(`^island_tariff.*tariffs\\.py:1-3 · at ${HASH}`));
  await bench.shot("94-revision");
  await bench.page.keyboard.press("Enter");
  await shows(bench, "What a parcel to an island costs.");
  await inLanguage(bench, "Python");
  await named(bench, new RegExp(`^tariffs\\.py \\(${HASH}\\)$`));
  await until(async () => /^Ln 1,/.test((await bench.place()).cursor), "its first line");
  await bench.shot("95-revision-opened");
});

test("a query with an unknown revision is searched as text", async ({ bench }) => {
  await bench.openSearch("retry at:nowhere");
  await bench.rows(/call_with_retry/);
});

for (const theme of ["Default Dark Modern", "Default Light Modern", "Default High Contrast"]) {
  test(`all kinds together, ${theme}`, async ({ bench, editor }) => {
    editor.setSettings({ "workbench.colorTheme": theme });
    await bench.command("View: Close All Editors");
    await bench.openSearch("which commit changed the order of webhooks");
    const rows = await bench.rows(/./);
    assert.ok(rows.length > 3);
    await bench.shot(`96-kinds-${theme.split(" ").at(-1).toLowerCase()}-${theme.split(" ")[1].toLowerCase()}`);
    await bench.page.locator(".quick-input-titlebar a[aria-label='Show All in Results View']").click();
    await bench.page.locator(".part.panel .monaco-list-row", { hasText: "Commits and pull requests" }).waitFor();
    await bench.shot(`97-results-${theme.split(" ")[1].toLowerCase()}`);
  });
}
