/** The parts that the palette is made of: rows, buttons, messages in the shape of rows. */
import * as vscode from "vscode";
import type { Result } from "../protocol";
import { FIELDS } from "./filterPrompt";
import type { Completion } from "./completion";
import type { Message } from "./messages";
import type { FilterName } from "./query";
import { rowOf } from "./rows";
import { visibleLabel } from "../visible";

export interface Row extends vscode.QuickPickItem {
  result?: Result;
  /** The query that taking this row makes. */
  query?: string;
}

export interface Button extends vscode.QuickInputButton {
  filter?: FilterName;
  /** Moves to the view Results. */
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

/** `alwaysShow`: what was found by meaning need not hold the words that were typed. */
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

/** A button for each filter, one for the parts of the scores, one for all results. */
export function buttons(explain: boolean): Button[] {
  const tooltip = explain ? "Hide why each result is here" : "Show why each result is here";
  const all: Button = {
    all: true,
    iconPath: new vscode.ThemeIcon("list-tree"),
    tooltip: "Show All in the Results View",
  };
  return [...FILTERS, { iconPath: new vscode.ThemeIcon(explain ? "question" : "info"), tooltip }, all];
}
