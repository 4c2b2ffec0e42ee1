// Measures how long the extension takes to activate: `npm run activation`. The editor itself
// reports the time, in milliseconds, to load the code and call `activate`. Two figures are printed:
// at the start of a window, where the time includes other extensions that activate meanwhile, and
// on demand, when the extension activates alone.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { startEditor } from "./support/editor.mjs";
import { openWorkbench, startBrowser } from "./support/workbench.mjs";

/**
 * The first window of an editor has empty caches and is reported separately from the median of the
 * others.
 */
const WINDOWS = 6;
const RUNNING = "Developer: Show Running Extensions";
const TALL = { viewport: { width: 1280, height: 2000 } }; // rows outside the viewport are not in the page
const NEIGHBOUR = "Merge Conflict"; // a built-in extension that activates at the same time

const browser = await startBrowser();
try {
  report("at window start", await measure(atStart, () => undefined));
  report("on demand", await measure(onDemand, removeActivationEvents));
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

async function onDemand(bench) {
  // The workbench closes a palette that is opened before the workbench has settled.
  await bench.page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
  await bench.command(RUNNING);
  await timeOf(bench, NEIGHBOUR);
  await bench.command("Codekin: Show Log");
}

/**
 * Removes the activation event from the installed extension, so that it activates only on demand.
 */
function removeActivationEvents({ base }) {
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
