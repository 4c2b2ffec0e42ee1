// A malicious repository in the workbench: search works, and nothing else happens.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT, pythonPath } from "./support/places.mjs";
import { useSession } from "./support/session.mjs";

const prepare = (workspace) =>
  execFileSync(pythonPath(), [join(ROOT, "tests/support/hostile_repository.py"), workspace], {
    cwd: dirname(workspace),
  });

const test = useSession("hostile", { prepare });

test("a malicious repository can be searched, and none of its programs runs", async ({ bench, editor }) => {
  await bench.says(/Ready|Degraded/);
  await bench.openSearch("weigh the honest parcel");
  await bench.rows(/weigh_the_honest_parcel/);
  await bench.shot("71-hostile");
  await bench.page.keyboard.press("Enter");
  await bench.at("honest.py", 1);
  assert.ok(!existsSync(join(dirname(editor.workspace), "something-ran")), "a program of the repository ran");
});
