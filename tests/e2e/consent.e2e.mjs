// The confirmation of a large first index.
import assert from "node:assert/strict";
import { useSession } from "./support/session.mjs";

const test = useSession("consent", { settings: { "codekin.confirmAboveFiles": 10 } });
const toastOf = (bench) => bench.page.locator(".notification-toast", { hasText: /Index \d+ files/ });

test("the question estimates files, time and disk space, and indexing waits for the answer", async ({ bench }) => {
  await toastOf(bench).waitFor();
  assert.match(
    await toastOf(bench).innerText(),
    /Index 3\d files \(less than 1 MB\) in about \d+ seconds, with less than 1 MB of disk\?/,
  );
  await bench.says(/Indexing is paused/);
  await bench.status().filter({ hasText: "paused" }).waitFor();
  await bench.openSearch("where is the retry logic?");
  await bench.rows(/Nothing is indexed yet.*A first index waits: 3\d files/);
  await bench.page.locator(".quick-input-title", { hasText: /^0 of 3\d files indexed so far$/ }).waitFor();
  await bench.shot("27-consent");
});

test("a dismissed question can be answered later, which starts indexing", async ({ bench }) => {
  await toastOf(bench).waitFor({ state: "hidden" });
  await bench.command("Notifications: Show Notifications");
  await bench.page.locator(".notifications-center a", { hasText: /^Index$/ }).click();
  await bench.ready();
  await bench.openSearch("where is the retry logic?");
  await bench.rows(/call_with_retry/);
});
