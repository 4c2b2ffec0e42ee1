/** Creates the private environment. A failure or a cancellation leaves none behind. */
import { rm } from "node:fs/promises";
import * as l10n from "@vscode/l10n";
import { environmentFolder, pythonOf } from "../environment";
import { inspectPython, run, type Interpreter } from "../probe";
import { InstallFailure } from "./failures";
import { indexOfPip, step, type Surroundings } from "./steps";
import { wheelVersion } from "./wheel";

export interface Plan {
  base: Interpreter;
  /** A wheel or another requirement of pip. */
  requirement: string;
  storage: string;
  hasUv: boolean;
}

type Report = (message: string) => void;

export async function hasUv(cwd: string): Promise<boolean> {
  return (await run("uv", ["--version"], cwd)).error === undefined;
}

/** Creates the environment with uv if there is uv, otherwise or if that fails with venv and pip. */
export async function createEnvironment(plan: Plan, around: Surroundings, report: Report): Promise<void> {
  const folder = environmentFolder(plan.storage);
  try {
    if (!plan.hasUv) await withPip(plan, around, report);
    else
      await withUv(plan, around, report).catch((error: unknown) => {
        if (around.signal.aborted || !plan.base.hasVenv) throw error;
        around.log(`uv failed, trying pip: ${String(error)}`);
        return withPip(plan, around, report);
      });
    await verify(plan, folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function withPip({ base, requirement, storage }: Plan, around: Surroundings, report: Report): Promise<void> {
  const folder = environmentFolder(storage);
  report(l10n.t("creating the environment…"));
  await step(String(base.executable), ["-I", "-m", "venv", "--clear", folder], around);
  report(l10n.t("installing the server…"));
  const options = ["--disable-pip-version-check", "--no-input", "--upgrade"];
  await step(pythonOf(folder), ["-I", "-m", "pip", "install", ...options, requirement], around);
}

async function withUv({ base, requirement, storage }: Plan, around: Surroundings, report: Report): Promise<void> {
  const folder = environmentFolder(storage);
  const variables = { ...(await indexOfPip(String(base.executable), around.cwd)), ...around.variables };
  const withIndex = { ...around, variables };
  report(l10n.t("creating the environment…"));
  const clean = { recursive: true, force: true };
  await rm(folder, clean);
  await step("uv", ["venv", "--python", String(base.executable), folder], withIndex);
  report(l10n.t("installing the server…"));
  await step("uv", ["pip", "install", "--python", pythonOf(folder), requirement], withIndex);
}

/** Checks that the environment has the server, in the version of the wheel. */
async function verify({ requirement }: Plan, folder: string): Promise<void> {
  const { codekin, error } = await inspectPython(pythonOf(folder), folder);
  const expected = wheelVersion(requirement);
  if (codekin !== undefined && (expected === undefined || codekin === expected)) return;
  const found =
    error ?? (codekin === undefined ? l10n.t("the environment has no codekin") : l10n.t("its version is {0}", codekin));
  throw new InstallFailure(l10n.t("Codekin was not installed: {0}.", found), ["retry", "showLog"]);
}
