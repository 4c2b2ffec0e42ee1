/** Shows results in the editor while a list has the focus, and puts everything back when nothing was chosen. */
import * as vscode from "vscode";
import { documentOf } from "../past";
import type { Result } from "../protocol";
import { tabOf } from "./rows";
import { Tabs } from "./tabs";

interface Before {
  uri: vscode.Uri;
  selection: vscode.Selection;
  visible: vscode.Range | undefined;
  column: vscode.ViewColumn | undefined;
}

/** The lines of a result, from its first to its last. */
export function rangeOf(result: Result): vscode.Range {
  const { start, end } = result.range;
  return new vscode.Range(start.line, 0, Math.max(start.line, end.line - 1), 0);
}

/** A folder is shown in the explorer, a commit as its message and changes, anything else at its lines. */
export async function open(
  result: Result,
  options: { column?: vscode.ViewColumn; preview?: boolean; preserveFocus?: boolean } = {},
): Promise<vscode.TextEditor | undefined> {
  const uri = documentOf(result);
  if (result.kind === "directory") {
    // What is only looked at leaves the explorer alone.
    if (!options.preserveFocus) await vscode.commands.executeCommand("revealInExplorer", uri);
    return undefined;
  }
  const range = result.commit === undefined ? rangeOf(result) : new vscode.Range(0, 0, 0, 0);
  const column = options.column ?? vscode.ViewColumn.Active;
  const how = {
    preview: options.preview ?? false,
    preserveFocus: options.preserveFocus ?? false,
    selection: new vscode.Range(range.start, range.start),
  };
  const editor = await show(uri, column, how, tabOf(result));
  editor?.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  return editor;
}

/** Only the command gives a tab a name. It does not give the editor, which is known by then. */
async function show(
  uri: vscode.Uri,
  column: vscode.ViewColumn,
  how: vscode.TextDocumentShowOptions,
  tab: string | undefined,
): Promise<vscode.TextEditor | undefined> {
  if (tab === undefined) return vscode.window.showTextDocument(uri, { ...how, viewColumn: column });
  await vscode.commands.executeCommand("vscode.open", uri, { ...how, viewColumn: column }, tab);
  return vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
}

/** In high contrast a bar at their side, since backgrounds are all alike there, and a border would frame each line. */
function highlight(): vscode.TextEditorDecorationType {
  const { HighContrast, HighContrastLight } = vscode.ColorThemeKind;
  const { kind } = vscode.window.activeColorTheme;
  const look =
    kind === HighContrast || kind === HighContrastLight
      ? { borderStyle: "solid", borderWidth: "0 0 0 3px", borderColor: new vscode.ThemeColor("contrastActiveBorder") }
      : { backgroundColor: new vscode.ThemeColor("editor.rangeHighlightBackground") };
  return vscode.window.createTextEditorDecorationType({ isWholeLine: true, ...look });
}

export class Preview {
  private readonly before = remember();
  private readonly tabs = new Tabs();
  private readonly lines = highlight();
  private wanted: Result | undefined;
  private working: Promise<void> | undefined;
  private shown = false;

  /** Editors are opened one at a time, the newest wish next: opened together, the last to finish would stay. */
  show(result: Result): void {
    this.wanted = result;
    this.working ??= this.work().finally(() => {
      this.working = undefined;
    });
  }

  /** Opens what was chosen; nothing else that was looked at stays. Beside it stands what was there before. */
  async choose(result: Result, column: vscode.ViewColumn): Promise<void> {
    if (column === vscode.ViewColumn.Beside) await this.restore();
    else await this.end();
    await open(result, { column });
    await this.tabs.closeNew(documentOf(result));
  }

  /** Nothing was chosen. */
  async restore(): Promise<void> {
    await this.end();
    if (!this.shown) return;
    await this.tabs.reopenReplaced();
    if (this.before !== undefined) await showAgain(this.before);
    await this.tabs.closeNew();
  }

  /** Resolves when no preview comes any more. */
  private async end(): Promise<void> {
    this.wanted = undefined;
    await this.working;
    this.lines.dispose();
  }

  private async work(): Promise<void> {
    while (this.wanted !== undefined) {
      const result = this.wanted;
      this.shown = true;
      const editor = await open(result, { preview: true, preserveFocus: true });
      if (result.commit === undefined) editor?.setDecorations(this.lines, [rangeOf(result)]);
      if (this.wanted === result) this.wanted = undefined;
    }
  }
}

/** With the focus: editors that were opened without it have taken it from the one before. */
async function showAgain({ uri, selection, visible, column }: Before): Promise<void> {
  const where = column === undefined ? {} : { viewColumn: column };
  const editor = await vscode.window.showTextDocument(uri, { ...where, selection });
  if (visible) editor.revealRange(visible, vscode.TextEditorRevealType.AtTop);
}

function remember(): Before | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return undefined;
  return {
    uri: editor.document.uri,
    selection: editor.selection,
    visible: editor.visibleRanges[0],
    column: editor.viewColumn,
  };
}
