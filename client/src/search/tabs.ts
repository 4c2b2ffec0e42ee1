/** The text tabs of the active editor group as they were before results were previewed in it. */
import * as vscode from "vscode";

interface Text {
  tab: vscode.Tab;
  uri: vscode.Uri;
}

export class Tabs {
  private readonly column = vscode.window.tabGroups.activeTabGroup.viewColumn;
  private readonly before = new Set(this.texts().map(({ uri }) => uri.toString()));
  /** The preview tab, which the next preview replaces. */
  private readonly preview = this.texts().find(({ tab }) => tab.isPreview)?.uri;

  /** Opens the preview tab again, behind the active one, if previews have replaced it. */
  async reopenReplaced(): Promise<void> {
    const { column, preview } = this;
    if (preview === undefined || this.texts().some(({ uri }) => uri.toString() === preview.toString())) return;
    // Only this command can open a tab in the background.
    const options = { viewColumn: column, preview: true, preserveFocus: true, background: true };
    await vscode.commands.executeCommand("vscode.open", preview, options);
  }

  /** Closes tabs that did not exist before, except `kept` and tabs with unsaved changes. */
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

  /**
   * Returns the current tabs. The editor replaces the objects of groups and tabs when a group is
   * added.
   */
  private texts(): Text[] {
    const group = vscode.window.tabGroups.all.find(({ viewColumn }) => viewColumn === this.column);
    return (group?.tabs ?? []).flatMap((tab) =>
      tab.input instanceof vscode.TabInputText ? [{ tab, uri: tab.input.uri }] : [],
    );
  }
}
