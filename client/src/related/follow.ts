/** Reports moves of the cursor, except those that the view itself causes. */
import * as vscode from "vscode";
import type { Subject } from "./subject";

/**
 * Returns the selection or the line of the cursor in the active editor, or undefined if it shows no
 * file.
 */
export function subjectOfEditor(editor = vscode.window.activeTextEditor): Subject | undefined {
  if (editor?.document.uri.scheme !== "file") return undefined;
  const { start, end, isEmpty } = editor.selection;
  const endLine = isEmpty || end.character > 0 ? end.line + 1 : end.line;
  return { uri: editor.document.uri.toString(), startLine: start.line, endLine: Math.max(endLine, start.line + 1) };
}

export class Follow implements vscode.Disposable {
  private readonly subscriptions: vscode.Disposable;
  private opening = false;

  constructor(private readonly moved: () => void) {
    this.subscriptions = vscode.Disposable.from(
      vscode.window.onDidChangeActiveTextEditor(() => this.notify()),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor === vscode.window.activeTextEditor) this.notify();
      }),
    );
  }

  /**
   * Runs `open` without reporting the moves that it causes, so that opening a result keeps the
   * list.
   */
  async without(open: () => Promise<void>): Promise<void> {
    this.opening = true;
    try {
      await open();
    } finally {
      this.opening = false;
    }
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  private notify(): void {
    if (!this.opening) this.moved();
  }
}
