/** The state of the server. `status` is the latest status that the server reported. */
import * as l10n from "@vscode/l10n";
import type { Status } from "../protocol";

export type ServerState =
  | { kind: "idle" } // no folder is open
  | { kind: "off" } // disabled for this workspace
  | { kind: "starting" }
  | { kind: "installing" } // stopped while something is installed, and started again after that
  | { kind: "missing"; reason: string } // no Python with codekin was found
  | { kind: "stopped"; reason: string } // it failed and is not restarted automatically
  | { kind: "running"; status: Status | undefined };

/** The server is not running. The message says why and what the user can do. */
export class ServerUnavailable extends Error {}

export function whyUnavailable(state: ServerState): string {
  switch (state.kind) {
    case "idle":
      return l10n.t("Open a folder to search it.");
    case "off":
      return l10n.t("Codekin is disabled for this workspace.");
    case "starting":
      return l10n.t("The codekin server is starting.");
    case "installing":
      return l10n.t("Codekin is being installed. Search works again after that.");
    case "missing":
    case "stopped":
      return state.reason;
    case "running":
      return "";
  }
}
