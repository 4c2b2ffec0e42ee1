/** Texts of the status item: a short one in the status bar and a detailed one in the tooltip. */
import * as l10n from "@vscode/l10n";
import type { Coverage, Status } from "../protocol";
import { number } from "../language";
import type { ServerState } from "../server/state";
import { deepText } from "./deep";

export interface StatusText {
  text: string;
  tooltip: string[];
  severity: "plain" | "warning" | "error";
}

/** Returns text such as "340 of 1,200 files", with a plus while more files may follow. */
export function coverageText({ indexed, total, complete }: Coverage): string {
  if (!complete && total === 0) return filesText(0);
  if (complete) return filesText(total);
  return l10n.t("{0} of {1} files", number(indexed), `${number(total)}${indexed >= total ? "+" : ""}`);
}

/** Returns a number of files for display. */
export const filesText = (count: number): string =>
  count === 1 ? l10n.t("1 file") : l10n.t("{0} files", number(count));

/** Returns the speed of indexing, such as "120 chunks/s". */
export const rateText = (ratePerS: number): string => l10n.t("{0} chunks/s", number(Math.round(ratePerS)));

export function statusText(state: ServerState): StatusText {
  switch (state.kind) {
    case "idle":
      return { text: "$(search) Codekin", tooltip: [l10n.t("No folder is open")], severity: "plain" };
    case "off":
      return { text: "$(circle-slash) Codekin", tooltip: [l10n.t("Disabled for this workspace")], severity: "plain" };
    case "starting":
      return { text: "$(loading~spin) Codekin", tooltip: [l10n.t("The server is starting")], severity: "plain" };
    case "installing":
      return { text: "$(loading~spin) Codekin", tooltip: [l10n.t("Codekin is being installed")], severity: "plain" };
    case "missing":
      return { text: `$(warning) ${l10n.t("Codekin: not installed")}`, tooltip: [state.reason], severity: "warning" };
    case "stopped":
      return { text: `$(error) ${l10n.t("Codekin: stopped")}`, tooltip: [state.reason], severity: "error" };
    case "running":
      return state.status ? ofServer(state.status) : statusText({ kind: "starting" });
  }
}

function ofServer(status: Status): StatusText {
  const facts = [...status.reasons, ...factsOf(status)];
  const { indexed, total } = status.coverage;
  switch (status.state) {
    case "starting":
      return { text: "$(loading~spin) Codekin", tooltip: [l10n.t("Opening the index"), ...facts], severity: "plain" };
    case "indexing": {
      const rate = status.ratePerS ? rateText(status.ratePerS) : "";
      const text = total > 0 ? `$(sync~spin) Codekin ${number(indexed)}/${number(total)}` : "$(sync~spin) Codekin";
      return { text, tooltip: [[l10n.t("Indexing"), rate].filter(Boolean).join(", "), ...facts], severity: "plain" };
    }
    case "paused":
      return {
        text: `$(debug-pause) ${l10n.t("Codekin: paused")}`,
        tooltip: [l10n.t("Indexing is paused"), ...facts],
        severity: "plain",
      };
    case "degraded":
      return {
        text: `$(warning) ${l10n.t("Codekin: degraded")}`,
        tooltip: [l10n.t("Degraded:"), ...facts],
        severity: "warning",
      };
    case "ready":
      return { text: "$(search) Codekin", tooltip: [l10n.t("Ready"), ...facts], severity: "plain" };
  }
}

function factsOf(status: Status): string[] {
  const { commits } = status;
  const counts = [coverageText(status.coverage), l10n.t("{0} chunks", number(status.chunks))];
  if (commits > 0) counts.push(commits === 1 ? l10n.t("1 commit") : l10n.t("{0} commits", number(commits)));
  const facts = [counts.join(", ")];
  if (status.embedder.name) facts.push(l10n.t("Model: {0}", status.embedder.name));
  if (status.deep && status.deep.state !== "off") facts.push(deepText(status.deep));
  if (status.writer === false) facts.push(l10n.t("Another process updates this index"));
  return facts;
}
