// The first run on a machine without any Python.
import { cannotMakeMachines, withPythons } from "../support/machine.mjs";
import { useSession } from "../support/session.mjs";

const skip = cannotMakeMachines();
const test = useSession("no-python", { machine: {}, own: false, within: withPythons, skip });

test("the palette offers to install the server, and the installation offers to get Python", async ({ bench }) => {
  await bench.says(/The codekin server is not installed/);
  await bench.openSearch();
  await bench.rows(/Install the Server/);
  await bench.page.keyboard.press("Enter");
  const toast = bench.page.locator(".notification-toast", { hasText: "No Python was found" });
  for (const label of ["Get Python", "Choose Interpreter", "Try Again"])
    await toast.locator("a", { hasText: label }).waitFor();
  await bench.shot("73-no-python");
});
