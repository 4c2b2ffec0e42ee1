/** Installs the deep model in the private environment, and says how to install it in another Python. */
import * as l10n from "@vscode/l10n";
import { environmentFolder, pythonOf } from "../environment";
import { run, type Launch } from "../probe";
import { indexOfPip, step, type Surroundings } from "./steps";

export interface ModelPlan {
  /** The requirement of the server: a wheel or another requirement of pip. */
  server: string;
  /** The wheel of the deep model. */
  model: string;
  storage: string;
}

/**
 * Returns the requirements of the model. Its libraries are those of the server's extra `deep`, which
 * names them.
 */
export const modelRequirements = (server: string, model: string): string[] => [
  server.endsWith(".whl") ? `${server}[deep]` : "codekin[deep]",
  model,
];

/** Installs with uv if there is uv, otherwise or if that fails with pip. */
export async function installModel(
  plan: ModelPlan,
  hasUv: boolean,
  around: Surroundings,
  report: (message: string) => void,
): Promise<void> {
  report(l10n.t("installing the deep model…"));
  if (!hasUv) return withPip(plan, around);
  await withUv(plan, around).catch((error: unknown) => {
    if (around.signal.aborted) throw error;
    around.log(`uv failed, trying pip: ${String(error)}`);
    return withPip(plan, around);
  });
}

async function withPip({ server, model, storage }: ModelPlan, around: Surroundings): Promise<void> {
  const python = pythonOf(environmentFolder(storage));
  const pip = ["-I", "-m", "pip"];
  // An environment that uv created has no pip.
  if ((await run(python, [...pip, "--version"], around.cwd)).error !== undefined)
    await step(python, ["-I", "-m", "ensurepip"], around);
  const options = ["--disable-pip-version-check", "--no-input"];
  await step(python, [...pip, "install", ...options, ...modelRequirements(server, model)], around);
}

async function withUv({ server, model, storage }: ModelPlan, around: Surroundings): Promise<void> {
  const python = pythonOf(environmentFolder(storage));
  const variables = { ...(await indexOfPip(python, around.cwd)), ...around.variables };
  const install = ["pip", "install", "--python", python, ...modelRequirements(server, model)];
  await step("uv", install, { ...around, variables });
}

/**
 * Returns the command that installs the model where another Python than the private environment runs
 * the server: for that Python, or for "python" if a script runs the server.
 */
export function pipCommand({ command, args }: Launch, model: string): string {
  const end = args.indexOf("-m");
  const python = end < 0 ? ["python"] : [command, ...args.slice(0, end)];
  return [...python, "-m", "pip", "install", "codekin[deep]", model].map(quoted).join(" ");
}

function quoted(word: string): string {
  return /^[\w./:=+-]+$/.test(word) ? word : `"${word}"`;
}
