/** What the extension knows of its server. `status` is what the server said last of itself. */
import type { Status } from "../protocol";

export type ServerState =
  | { kind: "idle" } // no folder is open
  | { kind: "off" } // switched off for this workspace
  | { kind: "starting" }
  | { kind: "missing"; reason: string } // no Python that has codekin
  | { kind: "stopped"; reason: string } // it failed, and is not started again by itself
  | { kind: "running"; status: Status | undefined };

/** The server cannot be asked, for a reason that a person can act on. */
export class ServerUnavailable extends Error {}

export function whyUnavailable(state: ServerState): string {
  switch (state.kind) {
    case "idle":
      return "Open a folder to search it.";
    case "off":
      return "Codekin is switched off for this workspace.";
    case "starting":
      return "The codekin server is starting.";
    case "missing":
    case "stopped":
      return state.reason;
    case "running":
      return "";
  }
}
