/** Finds Python interpreters on this machine, with the reason why each does or does not fit. */
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import * as l10n from "@vscode/l10n";
import { inspectPython, type Interpreter } from "../probe";

const WINDOWS = process.platform === "win32";
const VERSIONED = ["3.14", "3.13", "3.12", "3.11", "3.10"].map((version) => `python${version}`);
const NAMES = WINDOWS ? ["python", "py"] : ["python3", "python", ...VERSIONED];
const FOLDERS = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"];

/** Returns the programs to inspect: `preferred`, those on PATH, and those in usual locations. */
export function candidates(preferred: readonly string[]): string[] {
  const fixed = WINDOWS ? [] : FOLDERS.map((folder) => join(folder, "python3")).filter(existsSync);
  return [...new Set([...preferred, ...NAMES, ...fixed, ...ofVersionManagers()])];
}

/** Returns the interpreters that pyenv and uv have installed. */
function ofVersionManagers(): string[] {
  const folders = [join(homedir(), ".pyenv/versions"), join(homedir(), ".local/share/uv/python")];
  return folders
    .flatMap((folder) => namesIn(folder).map((name) => join(folder, name, "bin/python3")))
    .filter(existsSync);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // the version manager is not installed
  }
}

/** Inspects programs at the same time. An installation that has several names is returned once. */
export async function inspectAll(programs: readonly string[], cwd: string): Promise<Interpreter[]> {
  const found = await Promise.all(programs.map((program) => inspectPython(program, cwd)));
  const seen = new Set<string>();
  return found.filter(({ executable, prefix, version }) => {
    if (executable === undefined) return false;
    const installation = `${String(prefix)} ${String(version)}`;
    const isNew = !seen.has(installation);
    seen.add(installation);
    return isNew;
  });
}

/** Returns the interpreter to create an environment with: the newest of those that can. */
export function bestBase(found: readonly Interpreter[], hasUv: boolean): Interpreter | undefined {
  return found
    .filter(({ supported, hasVenv }) => supported && (hasVenv || hasUv))
    .sort((one, other) => Number(other.version?.[1]) - Number(one.version?.[1]))[0];
}

/** Returns text such as "Python 3.12". */
// eslint-disable-next-line codekin/shown-strings -- a name, in every language
export const nameOf = ({ version }: Interpreter): string => `Python ${String(version?.join("."))}`;

/** Returns why an interpreter fits or does not, for a list. */
export function suitability({ supported, codekin, hasVenv }: Interpreter, hasUv: boolean): string {
  if (!supported) return l10n.t("older than 3.10, cannot be used");
  if (codekin !== undefined) return l10n.t("has codekin {0}", codekin);
  return hasVenv || hasUv ? l10n.t("codekin can be installed with it") : l10n.t("has no venv module, cannot be used");
}
