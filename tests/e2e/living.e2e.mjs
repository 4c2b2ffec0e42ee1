// Changes while the editor is open: the first index, edits, pauses, settings and crashes.
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { useSession } from "./support/session.mjs";
import { until } from "./support/until.mjs";

const FILES = 9000;
/** A switch to another branch changes, adds or deletes the files below this number. */
const SWITCHED = 2000;

/** Creates enough files for a first index whose progress is visible. */
function prepare(workspace) {
  const folder = join(workspace, "many");
  mkdirSync(folder);
  for (let number = 0; number < FILES; number += 1) {
    const body = Array.from({ length: 12 }, (_, line) => `    total_${line} = amount * ${number} + ${line}`).join("\n");
    writeFileSync(join(folder, `part_${number}.py`), `def compute_${number}(amount):\n${body}\n    return total_0\n`);
  }
}

const test = useSession("living", { prepare });

test("the first index shows its progress, and cancelling it pauses indexing", async ({ bench }) => {
  const toast = bench.page.locator(".notification-toast", { hasText: /Indexing.*\d+ of 9,0\d\d files/ });
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

test("a paused search shows the coverage", async ({ bench }) => {
  const covered = bench.page.locator(".quick-input-title", { hasText: /files indexed so far/ });
  await bench.openSearch("where is the retry logic?");
  await covered.waitFor();
  await bench.shot("22-indexing");
  await bench.page.keyboard.press("Escape");
});

test("a search that finds nothing says that indexing is paused, and can resume it", async ({ bench }) => {
  await bench.openSearch("unmistakable_zeppelin lang:fortran");
  await bench.rows(/Resume Indexing.*Indexing is paused: /);
  await bench.shot("27-nothing-paused");
  await bench.page.keyboard.press("Escape");
});

test("rebuilding a paused index asks, says that it resumes indexing, and does", async ({ bench }) => {
  const { page } = bench;
  await bench.action("Rebuild Index");
  const dialog = page.locator(".monaco-dialog-box", { hasText: "Indexing is paused. Rebuilding resumes it." });
  await dialog.waitFor();
  await bench.shot("28-rebuild-paused");
  await dialog.locator(".monaco-button", { hasText: "Rebuild and Resume" }).click();
  await bench.says(/^Codekin: Indexing/);
  await bench.openSearch("where is the retry logic?");
  await bench.rows(/call_with_retry/);
  await page.locator(".quick-input-title", { hasText: /files indexed so far/ }).waitFor({ state: "detached" });
  await bench.ready();
});

/** Runs in the page: keeps each text of an element. */
function record(element) {
  globalThis.shownTexts = [];
  const look = () => globalThis.shownTexts.push(element.textContent);
  new MutationObserver(look).observe(element, { subtree: true, childList: true, characterData: true });
}

test("a branch switch moves the counter, and the open palette follows it", async ({ bench, editor }) => {
  await bench.status().evaluate(record);
  // As git does it: some files have other contents, some are gone, and some are new.
  for (let number = 0; number < 300; number += 1) rmSync(join(editor.workspace, `many/part_${number}.py`));
  for (let number = 300; number < SWITCHED; number += 1) {
    const text = `def switched_${number}(amount):\n    return amount * ${number}\n`;
    writeFileSync(join(editor.workspace, `many/part_${number}.py`), text);
    writeFileSync(join(editor.workspace, `many/other_${number}.py`), text.replace("switched", "other"));
  }
  await bench.openSearch(`other_${SWITCHED - 1}`);
  await bench.rows(new RegExp(`other_${SWITCHED - 1}`));
  await bench.closePalette();
  await bench.ready();
  const texts = await bench.page.evaluate(() => globalThis.shownTexts);
  const counters = new Set(texts.flatMap((text) => /Codekin ([\d,]+)\/[\d,]+/.exec(text)?.[1] ?? []));
  assert.ok(counters.size >= 3, texts.join("; "));
  await bench.page.locator(".notification-toast", { hasText: /Indexing/ }).waitFor({ state: "detached" });
});

test("typed text is found before and after it is saved", async ({ bench, editor }) => {
  await bench.openFile("api/parcelpost/pricing.py", 1);
  await bench.page.keyboard.type("def zebra_surcharge(stripes):\n    return stripes\n\n", { delay: 0 });
  await bench.openSearch("zebra_surcharge");
  await bench.rows(/zebra_surcharge.*pricing\.py/);
  await bench.page.keyboard.press("Escape");
  await bench.page.keyboard.press("Control+S");
  await bench.page.locator(".tab.active:not(.dirty)").waitFor();
  const found = () => editor.codekin("search", "zebra_surcharge", editor.workspace);
  await until(() => /pricing\.py:1\b/.test(found()), "the saved text to be in the index");
});

test("a wrong setting is reported and can be corrected without a restart", async ({ bench, editor }) => {
  editor.setMachine({ "codekin.home": "/dev/null/indexes" });
  await bench.says(/Degraded:.*\/dev\/null/);
  await bench.status().filter({ hasText: "degraded" }).waitFor();
  await bench.openSearch("retry");
  await bench.rows(/Search failed.*\/dev\/null/);
  await bench.shot("26-degraded");
  await bench.page.keyboard.press("Escape");
  editor.setMachine({});
  await bench.ready();
});

test("settings that cannot be used are named, and search works with their defaults", async ({ bench, editor }) => {
  editor.setMachine({ "codekin.search.limit": 0, "codekin.search.mode": "fuzzy", "codekin.embedder": "gpt-4" });
  const toast = (text) => bench.page.locator(".notification-toast", { hasText: text });
  await toast(
    /codekin\.search\.limit cannot be 0: expected an integer from 1 to 500\. The default, 40, is used\./,
  ).waitFor();
  await toast(/codekin\.search\.mode cannot be "fuzzy": expected one of hybrid, /).waitFor();
  await bench.says(/Degraded:.*Unknown embedder "gpt-4".*Until then, searches use the model "static"/);
  await bench.openSearch("where is the retry logic?");
  await bench.rows(/call_with_retry/);
  await bench.page.keyboard.press("Escape");
  editor.setMachine({});
  await bench.ready();
  await bench.command("Notifications: Clear All Notifications");
});

test("a killed server is restarted", async ({ bench, editor }) => {
  const [before] = editor.servers();
  process.kill(before, "SIGKILL");
  await until(() => editor.servers().some((pid) => pid !== before), "another server");
  await bench.ready();
  await bench.openSearch("where is the retry logic?");
  await bench.rows(/call_with_retry/);
});

test("disabling stops the server, and enabling starts it again", async ({ bench, editor }) => {
  editor.setSettings({ "codekin.enabled": false });
  await bench.says(/Disabled for this workspace/);
  await until(() => editor.servers().length === 0, "the server to end");
  await bench.openSearch();
  await bench.rows(/disabled for this workspace/);
  await bench.shot("23-off");
  await bench.page.keyboard.press("Escape");
  editor.setSettings({ "codekin.enabled": true });
  await bench.ready();
});

test("a crash loop ends with a message that offers a restart", async ({ bench, editor }) => {
  for (let times = 0; times < 4; times += 1) {
    const [pid] = await until(() => editor.servers().length > 0 && editor.servers(), "a server");
    process.kill(pid, "SIGKILL");
    await until(() => !editor.servers().includes(pid), "the server to end");
  }
  await bench.says(/several times in a row/);
  const toast = bench.page.locator(".notification-toast", { hasText: "several times in a row" });
  await toast.waitFor();
  await bench.shot("24-stopped");
  assert.deepEqual(editor.servers(), []);
  await toast.locator("a", { hasText: "Restart Server" }).click();
  await bench.ready();
});

test("rebuilding asks first", async ({ bench }) => {
  await bench.action("Rebuild Index");
  const dialog = bench.page.locator(".monaco-dialog-box", { hasText: "Rebuild the index of this workspace?" });
  await dialog.locator(".monaco-button", { hasText: "Cancel" }).click();
  await bench.ready();
});

test("the report shows the active components", async ({ bench }) => {
  await bench.action("Show Diagnostic Report");
  await bench.page.locator(".view-lines", { hasText: "flat" }).waitFor();
  await bench.shot("25-report");
});
