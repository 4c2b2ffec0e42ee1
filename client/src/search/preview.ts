/**
 * Previews results in the editor while a list has the focus, and restores the editor if none is
 * chosen.
 */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { textOf } from "../errors";
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

/** Returns the range from the first to the last line of a result. */
export function rangeOf(result: Result): vscode.Range {
  const { start, end } = result.range;
  return new vscode.Range(start.line, 0, Math.max(start.line, end.line - 1), 0);
}

/** Returns what is selected when a result opens: its focus, or the start of its range. */
export function selectionOf(result: Result): vscode.Range {
  if (result.commit !== undefined) return new vscode.Range(0, 0, 0, 0);
  const { start, end } = result.focus ?? { start: result.range.start, end: result.range.start };
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

/** Returns a key of a selection in a document. */
export function placeOfSelection(uri: vscode.Uri, { start, end }: vscode.Range): string {
  return [uri.toString(), start.line, start.character, end.line, end.character].join(" ");
}

/**
 * Opens a result: reveals a folder in the explorer, shows a commit as its message and changes, and
 * shows anything else at its lines.
 */
export async function open(
  result: Result,
  options: { column?: vscode.ViewColumn; preview?: boolean; preserveFocus?: boolean } = {},
): Promise<vscode.TextEditor | undefined> {
  const uri = documentOf(result);
  if (result.kind === "directory") {
    // A preview does not change the explorer.
    if (!options.preserveFocus) await vscode.commands.executeCommand("revealInExplorer", uri);
    return undefined;
  }
  const range = result.commit === undefined ? rangeOf(result) : new vscode.Range(0, 0, 0, 0);
  const column = options.column ?? vscode.ViewColumn.Active;
  const showOptions = {
    preview: options.preview ?? false,
    preserveFocus: options.preserveFocus ?? false,
    selection: selectionOf(result),
  };
  const editor = await show(uri, column, showOptions, tabOf(result));
  editor?.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  return editor;
}

/**
 * Shows a document, in a tab with the title `tab` if it is given. Only the command `vscode.open`
 * can set a title, but it does not return the editor.
 */
async function show(
  uri: vscode.Uri,
  column: vscode.ViewColumn,
  options: vscode.TextDocumentShowOptions,
  tab: string | undefined,
): Promise<vscode.TextEditor | undefined> {
  if (tab === undefined) return vscode.window.showTextDocument(uri, { ...options, viewColumn: column });
  await vscode.commands.executeCommand("vscode.open", uri, { ...options, viewColumn: column }, tab);
  return vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
}

/**
 * Creates the decoration of previewed lines. High-contrast themes get a bar at the side, because
 * their backgrounds do not differ and a border would frame each line.
 */
function highlight(): vscode.TextEditorDecorationType {
  const { HighContrast, HighContrastLight } = vscode.ColorThemeKind;
  const { kind } = vscode.window.activeColorTheme;
  const style =
    kind === HighContrast || kind === HighContrastLight
      ? { borderStyle: "solid", borderWidth: "0 0 0 3px", borderColor: new vscode.ThemeColor("contrastActiveBorder") }
      : { backgroundColor: new vscode.ThemeColor("editor.rangeHighlightBackground") };
  return vscode.window.createTextEditorDecorationType({ isWholeLine: true, ...style });
}

export class Preview {
  private readonly before = remember();
  private readonly tabs = new Tabs();
  private readonly lines = highlight();
  private readonly target = vscode.window.createTextEditorDecorationType({
    backgroundColor: new vscode.ThemeColor("editor.findMatchHighlightBackground"),
  });
  private readonly watching = vscode.window.onDidChangeTextEditorSelection(({ kind }) => {
    if (kind === vscode.TextEditorSelectionChangeKind.Mouse) this.clicked = this.shown !== undefined;
  });
  private wanted: Result | undefined;
  private working: Promise<void> | undefined;
  /** The result that was previewed last. */
  private shown: Result | undefined;
  /** Whether the user has clicked into an editor since the first preview. */
  private clicked = false;

  /** `failed` is called with the reason for a result that cannot be shown, or without if it is gone. */
  constructor(private readonly failed: (result: Result, why: string | undefined) => void) {}

  /**
   * Previews a result. Editors are opened one at a time: if several were opened at once, the last
   * to finish would remain. Only the newest of several pending results is opened.
   */
  show(result: Result): void {
    if (this.shown === result && this.wanted === undefined) return;
    this.wanted = result;
    this.working ??= this.work().finally(() => {
      this.working = undefined;
    });
  }

  /**
   * Opens the chosen result and closes the previews. The editor is restored first, so that *Go Back*
   * leads to it.
   */
  async choose(result: Result, column: vscode.ViewColumn): Promise<void> {
    if (column === vscode.ViewColumn.Beside) await this.restore(true);
    else {
      await this.end();
      if (this.shown !== undefined && this.before !== undefined) await showAgain(this.before, true);
    }
    if (await exists(result)) await open(result, { column });
    else void vscode.window.showWarningMessage(l10n.t("{0} no longer exists.", result.path));
    await this.tabs.closeNew(documentOf(result));
  }

  /** Restores the editor because no result was chosen, and gives it the focus if asked. */
  async restore(focus: boolean): Promise<void> {
    await this.end();
    if (this.shown === undefined) return;
    // With the focus, this comes first: the user may open another palette soon, which would close
    // when an editor takes the focus.
    if (this.before !== undefined) await showAgain(this.before, focus);
    await this.tabs.reopenReplaced();
    await this.tabs.closeNew();
  }

  /**
   * Ends previewing without a choice: a click into a preview, which the editor reports before the
   * palette closes, keeps it, and anything else restores the editor.
   */
  leave(focus: boolean): Promise<void> {
    return this.clicked ? this.end() : this.restore(focus);
  }

  /** Stops previewing. Resolves when no preview is pending. */
  private async end(): Promise<void> {
    this.wanted = undefined;
    await this.working;
    this.watching.dispose();
    this.lines.dispose();
    this.target.dispose();
  }

  private async work(): Promise<void> {
    while (this.wanted !== undefined) {
      const result = this.wanted;
      try {
        if (await exists(result)) await this.preview(result);
        else this.failed(result, undefined);
      } catch (error) {
        this.failed(result, textOf(error));
      }
      if (this.wanted === result) this.wanted = undefined;
    }
  }

  private async preview(result: Result): Promise<void> {
    this.shown ??= result;
    const editor = await open(result, { preview: true, preserveFocus: true });
    this.shown = result;
    if (editor === undefined || result.commit !== undefined) return;
    editor.setDecorations(this.lines, [rangeOf(result)]);
    editor.setDecorations(this.target, [selectionOf(result)]);
    // The palette covers the upper part of the editor.
    editor.revealRange(selectionOf(result), vscode.TextEditorRevealType.InCenter);
  }
}

/** Returns whether a result has a document, which only a deleted file has not. */
async function exists(result: Result): Promise<boolean> {
  const uri = documentOf(result);
  if (uri.scheme !== "file") return true;
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}

/**
 * Shows the editor that was active before. With `focus` it gets the focus, which the palette cannot
 * give back, because previews have replaced the element that had it.
 */
async function showAgain({ uri, selection, visible, column }: Before, focus: boolean): Promise<void> {
  const position = column === undefined ? {} : { viewColumn: column };
  const editor = await vscode.window.showTextDocument(uri, { ...position, selection, preserveFocus: !focus });
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
