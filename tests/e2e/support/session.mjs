// Tests that share one editor and one window, which start before the first test and end after the
// last. A failure keeps a picture, a trace and the logs.
import assert from "node:assert/strict";
import { cpSync, existsSync } from "node:fs";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { startEditor } from "./editor.mjs";
import { ARTEFACTS } from "./places.mjs";
import { openWorkbench, startBrowser } from "./workbench.mjs";

/**
 * Returns a function like `test` whose tests get `{ editor, bench, context }`. `options` are those
 * of `startEditor`. With `installs`, the processes of the editor may connect to the package index,
 * but the window may not connect to anything.
 */
export function useSession(name, { skip = false, installs = false, ...options } = {}) {
  const session = {};
  before(async () => {
    if (skip) return;
    await Promise.all([
      startBrowser().then((browser) => (session.browser = browser)),
      startEditor(options).then((editor) => (session.editor = editor)),
    ]);
    try {
      session.bench = await openWorkbench(session.browser, session.editor);
    } catch (error) {
      keepLogs(`failed-${name}-to-open`, session.editor);
      throw error;
    }
  });
  after(async () => {
    const { bench, editor } = session;
    const reached = installs ? [] : [...(editor?.sockets() ?? []), ...(editor?.attempts() ?? [])];
    const left = [...(bench?.left ?? []), ...reached];
    await session.browser?.close();
    await editor?.stop();
    assert.deepEqual(left, [], "a connection left this machine");
  });
  return (title, run) =>
    test(title, { skip }, async (context) => {
      if (session.broken) return context.skip("the first test of this window failed");
      assert.ok(session.bench, "the window was not opened");
      session.broken ??= true;
      const { bench } = session;
      await bench.startTrace();
      let failed = `failed-${name}-${slug(title)}`;
      try {
        await run({ ...session, context });
        session.broken = false;
        failed = "";
      } finally {
        if (failed) {
          keepLogs(failed, session.editor);
          await bench.shot(failed);
        }
        await bench.endTrace(failed);
        // Close what a test left open before the next one.
        for (let times = 0; times < 3; times += 1) await bench.page.keyboard.press("Escape");
      }
    });
}

function keepLogs(name, { logs }) {
  for (const path of logs.filter(existsSync))
    cpSync(path, join(ARTEFACTS, `${name}.logs`, basename(path)), { recursive: true });
}

const slug = (text) => text.toLowerCase().replace(/\W+/g, "-").slice(0, 60);
