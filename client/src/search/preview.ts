/** Shows results in the editor while a list has the focus, and puts everything back when nothing was chosen. */
import * as vscode from "vscode";
import type { Result } from "../protocol";

interface Before {
  uri: vscode.Uri;
  selection: vscode.Selection;
  visible: vscode.Range | undefined;
  column: vscode.ViewColumn | undefined;
}

/** The place of a result: its first line, as a caret; the whole of it is brought into view. */
export function rangeOf(result: Result): vscode.Range {
  const { start, end } = result.range;
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

export async function open(
  result: Result,
  options: { column?: vscode.ViewColumn; preview?: boolean; preserveFocus?: boolean } = {},
): Promise<void> {
  const range = rangeOf(result);
  const editor = await vscode.window.showTextDocument(vscode.Uri.parse(result.uri), {
    viewColumn: options.column ?? vscode.ViewColumn.Active,
    preview: options.preview ?? false,
    preserveFocus: options.preserveFocus ?? false,
    selection: new vscode.Range(range.start, range.start),
  });
  editor.revealRange(range, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}

const lines = vscode.window.createTextEditorDecorationType({
  isWholeLine: true,
  backgroundColor: new vscode.ThemeColor("editor.rangeHighlightBackground"),
});

export class Preview {
  private readonly before = remember();
  private shown = false;
  private turn = 0;

  async show(result: Result): Promise<void> {
    this.shown = true;
    const turn = ++this.turn;
    await open(result, { preview: true, preserveFocus: true });
    if (turn !== this.turn) return;
    const editor = vscode.window.visibleTextEditors.find(
      ({ document }) => document.uri.toString() === vscode.Uri.parse(result.uri).toString(),
    );
    editor?.setDecorations(lines, [rangeOf(result)]);
  }

  /** Nothing was chosen. */
  async restore(): Promise<void> {
    this.clear();
    const before = this.before;
    if (!this.shown) return;
    if (before === undefined) {
      await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
      return;
    }
    const editor = await vscode.window.showTextDocument(before.uri, {
      ...(before.column === undefined ? {} : { viewColumn: before.column }),
      selection: before.selection,
    });
    if (before.visible) editor.revealRange(before.visible, vscode.TextEditorRevealType.AtTop);
  }

  clear(): void {
    this.turn += 1;
    for (const editor of vscode.window.visibleTextEditors) editor.setDecorations(lines, []);
  }
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
