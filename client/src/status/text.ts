/** Texts of the status item: a short one in the status bar and a detailed one in the tooltip. */
import type { Coverage, Status } from "../protocol";
import type { ServerState } from "../server/state";

export interface StatusText {
  text: string;
  tooltip: string[];
  severity: "plain" | "warning" | "error";
}

const count = (value: number): string => value.toLocaleString("en-US");

/** Returns text such as "340 of 1,200 files", with a plus while more files may follow. */
export function coverageText({ indexed, total, complete }: Coverage): string {
  if (!complete && total === 0) return "0 files";
  if (complete) return `${count(total)} ${total === 1 ? "file" : "files"}`;
  return `${count(indexed)} of ${count(total)}${indexed >= total ? "+" : ""} files`;
}

export function statusText(state: ServerState): StatusText {
  switch (state.kind) {
    case "idle":
      return { text: "$(search) Codekin", tooltip: ["No folder is open"], severity: "plain" };
    case "off":
      return { text: "$(circle-slash) Codekin", tooltip: ["Disabled for this workspace"], severity: "plain" };
    case "starting":
      return { text: "$(loading~spin) Codekin", tooltip: ["The server is starting"], severity: "plain" };
    case "missing":
      return { text: "$(warning) Codekin: not installed", tooltip: [state.reason], severity: "warning" };
    case "stopped":
      return { text: "$(error) Codekin: stopped", tooltip: [state.reason], severity: "error" };
    case "running":
      return state.status ? ofServer(state.status) : statusText({ kind: "starting" });
  }
}

function ofServer(status: Status): StatusText {
  const facts = [...status.reasons, ...factsOf(status)];
  const { indexed, total } = status.coverage;
  switch (status.state) {
    case "starting":
      return { text: "$(loading~spin) Codekin", tooltip: ["Opening the index", ...facts], severity: "plain" };
    case "indexing": {
      const rate = status.ratePerS ? `${count(Math.round(status.ratePerS))} chunks/s` : "";
      const text = total > 0 ? `$(sync~spin) Codekin ${count(indexed)}/${count(total)}` : "$(sync~spin) Codekin";
      return { text, tooltip: [["Indexing", rate].filter(Boolean).join(", "), ...facts], severity: "plain" };
    }
    case "paused":
      return { text: "$(debug-pause) Codekin: paused", tooltip: ["Indexing is paused", ...facts], severity: "plain" };
    case "degraded":
      return { text: "$(warning) Codekin: degraded", tooltip: ["Degraded:", ...facts], severity: "warning" };
    case "ready":
      return { text: "$(search) Codekin", tooltip: ["Ready", ...facts], severity: "plain" };
  }
}

function factsOf(status: Status): string[] {
  const commits = status.commits ? `, ${count(status.commits)} ${status.commits === 1 ? "commit" : "commits"}` : "";
  const facts = [`${coverageText(status.coverage)}, ${count(status.chunks)} chunks${commits}`];
  if (status.embedder.name) facts.push(`Model: ${status.embedder.name}`);
  if (status.deep && status.deep.state !== "off") facts.push(deepText(status.deep));
  if (status.writer === false) facts.push("Another process updates this index");
  return facts;
}

function deepText({ state, model, covered, total, remainingS }: NonNullable<Status["deep"]>): string {
  const name = ["Deep model", model].filter(Boolean).join(" ");
  if (state !== "filling" && state !== "complete") return `${name}: ${state}`;
  const left = remainingS ? `, about ${Math.max(1, Math.round(remainingS / 60))} min left` : "";
  return `${name}: ${count(covered)} of ${count(total)} chunks embedded${left}`;
}
