/** The text tabs of the group that has the focus, as they were before results were looked at in it. */
import * as vscode from "vscode";

interface Text {
  tab: vscode.Tab;
  uri: vscode.Uri;
}

export class Tabs {
  private readonly column = vscode.window.tabGroups.activeTabGroup.viewColumn;
  private readonly before = new Set(this.texts().map(({ uri }) => uri.toString()));
  /** The one tab whose place the next preview takes. */
  private readonly preview = this.texts().find(({ tab }) => tab.isPreview)?.uri;

  /** Puts back the tab whose place previews have taken. */
  async reopenReplaced(): Promise<void> {
    const { column, preview } = this;
    if (preview === undefined || this.texts().some(({ uri }) => uri.toString() === preview.toString())) return;
    await vscode.window.showTextDocument(preview, { viewColumn: column, preview: true, preserveFocus: true });
  }

  /** Closes what was not there before, but for what is kept, and what somebody has typed into. */
  async closeNew(kept?: vscode.Uri): Promise<void> {
    const fresh = this.texts().filter(
      ({ tab, uri }) => !tab.isDirty && !this.before.has(uri.toString()) && uri.toString() !== kept?.toString(),
    );
    if (fresh.length > 0)
      await vscode.window.tabGroups.close(
        fresh.map(({ tab }) => tab),
        true,
      );
  }

  /** As they are now: the editor makes new objects for groups and tabs when there is another group. */
  private texts(): Text[] {
    const group = vscode.window.tabGroups.all.find(({ viewColumn }) => viewColumn === this.column);
    return (group?.tabs ?? []).flatMap((tab) =>
      tab.input instanceof vscode.TabInputText ? [{ tab, uri: tab.input.uri }] : [],
    );
  }
}
