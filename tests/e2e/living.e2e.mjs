// What changes while the editor is open: the first index, edits, pauses, settings, crashes.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { useSession } from "./support/session.mjs";
import { until } from "./support/until.mjs";

const FILES = 9000;

/** Enough files for a first index that can be watched. */
function prepare(workspace) {
  const folder = join(workspace, "many");
  mkdirSync(folder);
  for (let number = 0; number < FILES; number += 1) {
    const body = Array.from({ length: 12 }, (_, line) => `    total_${line} = amount * ${number} + ${line}`).join("\n");
    writeFileSync(join(folder, `part_${number}.py`), `def compute_${number}(amount):\n${body}\n    return total_0\n`);
  }
}

const test = useSession("living", { prepare });

test("the first index shows how far it is, and can be cancelled, which pauses it", async ({ bench }) => {
  const toast = bench.page.locator(".notification-toast", { hasText: /indexing.*\d+ of 9,0\d\d files/ });
  await toast.waitFor();
  await bench.says(/Indexing/);
  await bench
    .status()
    .filter({ hasText: /Codekin [\d,]+\/9,0\d\d/ })
    .waitFor();
  await bench.shot("20-first-index");
  await toast.locator("a", { hasText: "Cancel" }).click();
  await bench.says(/Indexing is paused/);
  await bench.shot("21-paused");
});

test("paused, search says how much is covered; resumed, it is all", async ({ bench }) => {
  const covered = bench.page.locator(".quick-input-title", { hasText: /files indexed so far/ });
  await bench.openSearch("where is the retry logic?");
  await covered.waitFor();
  await bench.shot("22-indexing");
  await bench.page.keyboard.press("Escape");
  await bench.action("Resume indexing");
  await bench.openSearch("where is the retry logic?");
  await bench.rows(/call_with_retry/);
  await covered.waitFor({ state: "detached" });
  await bench.ready();
});

test("what is typed is found before it is saved, and after", async ({ bench, editor }) => {
  await bench.openFile("api/parcelpost/pricing.py", 1);
  await bench.page.keyboard.type("def zebra_surcharge(stripes):\n    return stripes\n\n", { delay: 0 });
  await bench.openSearch("zebra_surcharge");
  await bench.rows(/zebra_surcharge.*pricing\.py/);
  await bench.page.keyboard.press("Escape");
  await bench.page.keyboard.press("Control+S");
  await bench.page.locator(".tab.active:not(.dirty)").waitFor();
  const found = () => editor.codekin("search", "zebra_surcharge", editor.workspace);
  await until(() => /pricing\.py:1-/.test(found()), "the saved text to be in the index of all");
});

test("why there is no index is said where one looks, and over when the setting is right", async ({ bench, editor }) => {
  editor.setMachine({ "codekin.home": "/dev/null/indexes" });
  await bench.says(/Degraded:.*\/dev\/null/);
  await bench.status().filter({ hasText: "degraded" }).waitFor();
  await bench.openSearch("retry");
  await bench.rows(/The search failed.*\/dev\/null/);
  await bench.shot("26-degraded");
  await bench.page.keyboard.press("Escape");
  editor.setMachine({});
  await bench.ready();
});

test("a killed server comes back by itself", async ({ bench, editor }) => {
  const [before] = editor.servers();
  process.kill(before, "SIGKILL");
  await until(() => editor.servers().some((pid) => pid !== before), "another server");
  await bench.ready();
  await bench.openSearch("where is the retry logic?");
  await bench.rows(/call_with_retry/);
});

test("switched off it is gone, switched on it is there again", async ({ bench, editor }) => {
  editor.setSettings({ "codekin.enabled": false });
  await bench.says(/Switched off/);
  await until(() => editor.servers().length === 0, "the server to end");
  await bench.openSearch();
  await bench.rows(/switched off for this workspace/);
  await bench.shot("23-off");
  await bench.page.keyboard.press("Escape");
  editor.setSettings({ "codekin.enabled": true });
  await bench.ready();
});

test("a crash loop stops with a message, from which it can be started again", async ({ bench, editor }) => {
  for (let times = 0; times < 4; times += 1) {
    const [pid] = await until(() => editor.servers().length > 0 && editor.servers(), "a server");
    process.kill(pid, "SIGKILL");
    await until(() => !editor.servers().includes(pid), "the end of it");
  }
  await bench.says(/several times in a row/);
  const toast = bench.page.locator(".notification-toast", { hasText: "several times in a row" });
  await toast.waitFor();
  await bench.shot("24-stopped");
  assert.deepEqual(editor.servers(), []);
  await toast.locator("a", { hasText: "Restart Server" }).click();
  await bench.ready();
});

test("the report says what is active and why", async ({ bench }) => {
  await bench.action("Show report");
  await bench.page.locator(".view-lines", { hasText: "flat" }).waitFor();
  await bench.shot("25-report");
});
