// The private environment, from installation to a search. It needs a package index, so it runs only
// if CODEKIN_E2E_INSTALL is set.
import { ROOT } from "./support/places.mjs";
import { useSession } from "./support/session.mjs";

const asked = Boolean(process.env.CODEKIN_E2E_INSTALL);
const test = useSession("install", { machine: { "codekin.package": ROOT }, own: false, installs: true, skip: !asked });

test("the server is installed on request, and search works", async ({ bench }) => {
  await bench.says(/The codekin server is not installed/);
  await bench.command("Codekin: Install Server in a Private Environment");
  await bench.page.locator(".monaco-dialog-box .monaco-button", { hasText: "Install" }).click();
  await bench.says(/Ready/, 400_000);
  await bench.openSearch("where is the retry logic?");
  await bench.rows(/call_with_retry/);
  await bench.shot("71-installed");
});
