// A window with several folders.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { useSession } from "./support/session.mjs";
import { until } from "./support/until.mjs";

const LEDGER = `def reconcile_ledger(entries, statement):
    """Hold the entries of a ledger against the statement of the bank."""
    return [entry for entry in entries if entry not in statement]
`;
const beside = (folder) => writeFileSync(join(folder, "ledger.py"), LEDGER);
const test = useSession("roots", { beside });

test("a search covers all folders", async ({ bench, editor }) => {
  await bench.ready();
  assert.equal(editor.servers().length, 1);
  await bench.openSearch("where is the retry logic?");
  await bench.rows(/call_with_retry/);
  await bench.openSearch("which entries are missing on the bank statement?");
  await bench.rows(/reconcile_ledger.*second\/ledger\.py:1-3/);
  await bench.shot("62-roots");
  await bench.page.keyboard.press("Enter");
  await bench.at("ledger.py", 1);
});

test("a removed folder is not searched", async ({ bench, editor }) => {
  const folders = [{ path: editor.workspace }];
  writeFileSync(join(editor.base, "both.code-workspace"), JSON.stringify({ folders }));
  await until(async () => {
    await bench.openSearch("reconcile_ledger mode:literal");
    const rows = await bench.rows(/./);
    return rows.every((row) => !row.includes("ledger.py")) && rows;
  }, "the folder to be gone");
  await bench.rows(/No results/);
});
