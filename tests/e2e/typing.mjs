// Measures the time from the last key of a query to the settled list of the palette: `npm run
// typing`. The workspace has about 3,000 files, copies of the server's own with words exchanged. The
// page itself takes the times, once in each frame, so that the driver's own delays do not count. One
// line of JSON is printed.
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { startEditor } from "./support/editor.mjs";
import { ROOT, pythonPath } from "./support/places.mjs";
import { openWorkbench, startBrowser } from "./support/workbench.mjs";

const CHUNKS = 34_000;
const MAKE = `
import sys
from pathlib import Path
from benchmarks.synthetic import make_workspace
print(make_workspace(Path("server"), Path(sys.argv[1]), ${CHUNKS}))
`;
/** Between two keys, as people type who know what they want. */
const KEY_DELAY_MS = 100;
/** After this time without a change, the list has settled. */
const QUIET_MS = 1_200;
const INDEXED_MS = 600_000;
const QUERIES = [
  "where are changed files written to the index",
  "how is a query split into words",
  "merge segments",
  "read ignore rules of git",
  "retry after a failure",
  "close all stores in order",
  "decode the parameters of a request",
  "who changed these lines last",
  "vectors as integers",
  "unsaved text of a buffer",
  "redact secrets",
  "write a file atomically",
  "estimate of the first index",
  "watch folders for changes",
  "nearest neighbours of a vector",
  "SearchRequest",
  "open_vectors",
  "file_ranking",
  "snapshot",
  "parse a date in a filter",
];

let files = 0;
function prepare(workspace) {
  rmSync(workspace, { recursive: true });
  const env = { ...process.env, PYTHONPATH: join(ROOT, "server") };
  files = Number(execFileSync(pythonPath(), ["-c", MAKE, workspace], { cwd: ROOT, env, encoding: "utf8" }));
}

const browser = await startBrowser();
const editor = await startEditor({ prepare });
try {
  const bench = await openWorkbench(browser, editor);
  await bench.says(/Ready/, INDEXED_MS);
  await bench.page.evaluate(watchList);
  const timesMs = [];
  for (const query of ["warm up", ...QUERIES]) timesMs.push(await settledAfterMs(bench, query));
  report(timesMs.slice(1));
} finally {
  await browser.close();
  await editor.stop();
}

/** Runs in the page: notes when a key was pressed and when the rows of the palette changed last. */
function watchList() {
  const times = { keyMs: 0, changeMs: 0 };
  globalThis.codekinTimes = times;
  document.addEventListener("keydown", () => (times.keyMs = performance.now()), true);
  let before = "";
  const look = () => {
    const rows = document.querySelectorAll(".quick-input-widget .monaco-list-row");
    const now = [...rows].map((row) => row.getAttribute("aria-label")).join("\n");
    if (now !== before) times.changeMs = performance.now();
    before = now;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** Returns 0 if the list was that of the query before its last key. */
async function settledAfterMs(bench, query) {
  await bench.openSearch();
  await bench.removeFilters();
  const input = bench.page.locator(".quick-input-widget input[type=text]");
  await input.fill("");
  await bench.page.waitForTimeout(QUIET_MS);
  await input.pressSequentially(query, { delay: KEY_DELAY_MS });
  await bench.page.waitForFunction((quietMs) => {
    const { keyMs, changeMs } = globalThis.codekinTimes;
    return performance.now() - Math.max(keyMs, changeMs) > quietMs;
  }, QUIET_MS);
  const { keyMs, changeMs } = await bench.page.evaluate(() => globalThis.codekinTimes);
  await bench.closePalette();
  return Math.max(0, changeMs - keyMs);
}

function report(timesMs) {
  const sorted = [...timesMs].sort((one, other) => one - other);
  const share = (part) => Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)]);
  const load = loadavg().map((value) => Number(value.toFixed(1)));
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, load };
  const rounded = timesMs.map(Math.round);
  console.log(JSON.stringify({ files, p50Ms: share(0.5), p95Ms: share(0.95), timesMs: rounded, ...machine }));
}
