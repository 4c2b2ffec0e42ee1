// Tests that share one editor and one window: started before the first, ended after the last, a picture of each failure.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startEditor } from "./editor.mjs";
import { openWorkbench } from "./workbench.mjs";

/** A function like `test`, whose tests get `{ editor, bench }`. `options` are those of `startEditor`, and `skip`. */
export function useSession(name, { skip = false, ...options } = {}) {
  const session = {};
  before(async () => {
    if (skip) return;
    session.editor = await startEditor(options);
    session.bench = await openWorkbench(session.editor);
  });
  after(async () => {
    const left = session.bench?.left ?? [];
    await session.bench?.close();
    await session.editor?.stop();
    assert.deepEqual(left, [], "requests left this machine");
  });
  return (title, run) =>
    test(title, { skip }, async (context) => {
      if (session.broken) return context.skip("the first test of this window failed");
      session.broken ??= true;
      try {
        await run(session);
        session.broken = false;
      } catch (error) {
        await session.bench?.shot(`failed-${name}-${slug(title)}`);
        throw error;
      } finally {
        // What one test left open is not the next one's.
        for (let times = 0; times < 3; times += 1) await session.bench?.page.keyboard.press("Escape");
      }
    });
}

const slug = (text) => text.toLowerCase().replace(/\W+/g, "-").slice(0, 60);
