/** Turns moves of the cursor into subjects. Moves that the view itself has caused do not count. */
import * as vscode from "vscode";
import type { Subject } from "./subject";

/** What the editor that has the focus shows: its selection, or its cursor's line. */
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
      vscode.window.onDidChangeActiveTextEditor(() => this.tell()),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (textEditor === vscode.window.activeTextEditor) this.tell();
      }),
    );
  }

  /** Runs what opens a result: the list that it stands in stays. */
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

  private tell(): void {
    if (!this.opening) this.moved();
  }
}
