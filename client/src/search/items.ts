/** The rows and buttons of the palette. Messages are rows too. */
import * as vscode from "vscode";
import type { Result } from "../protocol";
import { FIELDS } from "./query/filterPrompt";
import type { Completion } from "./query/completion";
import type { Message } from "./messages";
import type { FilterName } from "./query/query";
import { rowOf } from "./rows";
import { visibleLabel } from "../visible";

export interface Row extends vscode.QuickPickItem {
  result?: Result;
  /** The query that results from accepting this row. */
  query?: string;
}

export interface Button extends vscode.QuickInputButton {
  filter?: FilterName;
  /** Shows all results in the Results view. */
  all?: true;
}

const BESIDE: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("split-horizontal"),
  tooltip: "Open to the Side",
};
const FILTERS: readonly Button[] = Object.entries(FIELDS).map(([name, { icon, tooltip }]) => ({
  filter: name as FilterName,
  iconPath: new vscode.ThemeIcon(icon),
  tooltip: `Filter: ${tooltip}`,
}));

/**
 * Returns the row of a result. `alwaysShow` is set because results by meaning need not contain the
 * typed words.
 */
export function toRow(result: Result, now: Date): Row {
  const { icon, label, description, detail } = rowOf(result, now);
  return {
    label: visibleLabel(label),
    description: visibleLabel(description),
    detail: visibleLabel(detail),
    iconPath: new vscode.ThemeIcon(icon),
    alwaysShow: true,
    buttons: [BESIDE],
    result,
  };
}

export function toCompletionRow({ icon, label, description, query }: Completion): Row {
  const iconPath = new vscode.ThemeIcon(icon);
  return { label: visibleLabel(label), description, iconPath, alwaysShow: true, query };
}

export function toMessageRow({ icon, label, detail }: Message): Row {
  return { label, detail, iconPath: new vscode.ThemeIcon(icon), alwaysShow: true };
}

/** Returns a button for each filter, one for the parts of the scores and one for all results. */
export function buttons(explain: boolean): Button[] {
  const tooltip = explain ? "Hide Score Details" : "Show Score Details";
  const all: Button = {
    all: true,
    iconPath: new vscode.ThemeIcon("list-tree"),
    tooltip: "Show All in Results View",
  };
  return [...FILTERS, { iconPath: new vscode.ThemeIcon(explain ? "question" : "info"), tooltip }, all];
}
