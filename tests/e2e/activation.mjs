// How long the extension takes to activate, as the editor itself measures it in windows that are opened one after another:
// `npm run activation`. Milliseconds: reading the code, and the call of `activate`. Two figures: as a window starts, where the
// editor counts what other extensions of the same moment take in between, and called for later, when it is alone.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { startEditor } from "./support/editor.mjs";
import { openWorkbench, startBrowser } from "./support/workbench.mjs";

/** The first window of an editor finds nothing in the caches and is told apart; the median is that of the others. */
const WINDOWS = 6;
const RUNNING = "Developer: Show Running Extensions";
const TALL = { viewport: { width: 1280, height: 2000 } }; // rows out of sight are not in the page
const NEIGHBOUR = "Merge Conflict"; // one of the editor's own that starts at the same moment

const browser = await startBrowser();
try {
  report("as a window starts", await measure(atStart, () => undefined));
  report("called for later", await measure(later, onlyWhenCalled));
} finally {
  await browser.close();
}

async function measure(activate, prepare) {
  const editor = await startEditor();
  try {
    prepare(editor);
    const timesMs = [];
    for (let number = 0; number < WINDOWS; number += 1) {
      const bench = await openWorkbench(browser, editor, TALL);
      await activate(bench);
      timesMs.push(await timeOf(bench, "Codekin"));
      await bench.page.close();
    }
    return timesMs;
  } finally {
    await editor.stop();
  }
}

function report(when, [firstMs, ...timesMs]) {
  timesMs.sort((one, other) => one - other);
  const medianMs = timesMs[(timesMs.length - 1) / 2];
  const load = loadavg().map((value) => Number(value.toFixed(1)));
  console.log(JSON.stringify({ when, medianMs, timesMs, firstMs, load }));
}

async function atStart(bench) {
  await bench.status().waitFor();
  await bench.command(RUNNING);
}

async function later(bench) {
  // A palette that is opened before the workbench has settled is closed again.
  await bench.page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
  await bench.command(RUNNING);
  await timeOf(bench, NEIGHBOUR);
  await bench.command("Codekin: Show Log");
}

/** The installed extension, without the event that starts it with a window. */
function onlyWhenCalled({ base }) {
  const folder = join(base, "extensions");
  const name = readdirSync(folder).find((entry) => entry.startsWith("codekin."));
  const path = join(folder, name, "package.json");
  const manifest = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(path, JSON.stringify({ ...manifest, activationEvents: [] }));
}

async function timeOf({ page }, extension) {
  const row = page.locator(".runtime-extensions-editor .monaco-list-row", { hasText: extension });
  const text = await row.locator(".activation-time", { hasText: /\d+ms/ }).textContent();
  return Number(/(\d+)ms/.exec(text)[1]);
}
