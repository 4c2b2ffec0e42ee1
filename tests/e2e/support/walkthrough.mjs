// The walkthrough of the extension.

/** Opens the walkthrough and returns its steps. */
export async function openWalkthrough(bench) {
  await bench.command("View: Close All Editors");
  await bench.command("Welcome: Open Walkthrough...");
  await bench.choose((row) => row.startsWith("Get started with Codekin"), "the walkthrough");
  const steps = bench.page.locator(".gettingStartedContainer .getting-started-step");
  await steps.first().waitFor();
  return steps;
}

/** Returns the mark of a step that is complete. */
export const doneOf = (step) => step.locator(".codicon-getting-started-step-checked");
