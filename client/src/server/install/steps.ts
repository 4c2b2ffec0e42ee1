/** Runs the programs that create the private environment. */
import { spawn } from "node:child_process";
import * as l10n from "@vscode/l10n";
import { run } from "../probe";
import { failureOf, type Subject } from "./failures";

/**
 * `log` gets each line of output. `signal` ends the program and those that it has started. Failures
 * name the `subject`.
 */
export interface Surroundings {
  subject: Subject;
  cwd: string;
  log: (text: string) => void;
  signal: AbortSignal;
  variables: NodeJS.ProcessEnv;
}

const MAX_KEPT_OUTPUT = 20_000;
const WINDOWS = process.platform === "win32";

/** Runs a program to its end. Rejects with an InstallFailure, or with an AbortError if aborted. */
export function step(command: string, args: readonly string[], around: Surroundings): Promise<void> {
  const { subject, cwd, log, signal, variables } = around;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    log([command, ...args].join(" "));
    const env = { ...process.env, ...variables };
    const child = spawn(command, args, { cwd, env, windowsHide: true, detached: !WINDOWS });
    let output = "";
    const end = (): void => {
      if (WINDOWS || child.pid === undefined) child.kill();
      else process.kill(-child.pid); // the group, because pip and uv start programs
    };
    const keep = (data: Buffer): void => {
      const text = data.toString();
      output = (output + text).slice(-MAX_KEPT_OUTPUT);
      log(text.trimEnd());
    };
    signal.addEventListener("abort", end, { once: true });
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", (error) => reject(failureOf(`${output}\n${error.message}`, error.message, subject)));
    child.on("close", (code) => {
      signal.removeEventListener("abort", end);
      if (signal.aborted) reject(signal.reason as Error);
      else if (code === 0) resolve();
      else reject(failureOf(output, code ?? l10n.t("The installation was ended."), subject));
    });
  });
}

/** Options of pip, and the variables with which uv uses the same index. */
const UV_NAMES: Readonly<Record<string, string>> = {
  "index-url": "UV_DEFAULT_INDEX",
  "extra-index-url": "UV_INDEX",
  "find-links": "UV_FIND_LINKS",
  cert: "SSL_CERT_FILE",
};

/** Returns the variables with which uv uses the package index that pip is configured for. */
export async function indexOfPip(python: string, cwd: string): Promise<NodeJS.ProcessEnv> {
  const { output } = await run(python, ["-I", "-m", "pip", "config", "list"], cwd);
  return uvVariables(output);
}

/** Converts the output of `pip config list`, in which later lines take precedence. */
export function uvVariables(configuration: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [, option = "", value = ""] of configuration.matchAll(/^(?:global|install|:env:)\.([\w-]+)='(.*)'$/gm)) {
    const name = UV_NAMES[option];
    if (name) variables[name] = value.replaceAll("\\n", " ").trim();
  }
  if (variables.UV_FIND_LINKS) variables.UV_FIND_LINKS = variables.UV_FIND_LINKS.split(/\s+/).join(",");
  return variables;
}
