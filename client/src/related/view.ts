/**
 * The Related Code view, which follows the cursor while it is visible, unless it is paused or
 * pinned.
 */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { textOf } from "../errors";
import type { Result } from "../protocol";
import { relatedRequest } from "../requests";
import { Latest } from "../search/query/latest";
import { open } from "../search/preview";
import type { Server } from "../server/server";
import { setting } from "../settings";
import { Follow, subjectOfEditor } from "./follow";
import { relatedParams, sameSubject, type Subject } from "./subject";
import { placeText, relatedTree, rowsOf } from "./tree";

const FOLLOW_MS = 150;

export class RelatedView implements vscode.Disposable {
  private readonly tree = relatedTree(() => this.handedOut());
  private readonly view = vscode.window.createTreeView("codekin.related", { treeDataProvider: this.tree });
  private readonly latest = new Latest();
  private readonly follow = new Follow(() => this.cursorMoved());
  private readonly disposables: vscode.Disposable;
  private subject: Subject | undefined;
  /** What the rows are those of. */
  private shown: { subject: Subject; results: readonly Result[]; why: string } | undefined;
  private following = setting("related.follow");
  private pinned = false;

  constructor(private readonly server: Server) {
    this.disposables = vscode.Disposable.from(
      this.view,
      this.follow,
      this.view.onDidChangeVisibility(() => this.cursorMoved()),
      server.onState(() => this.serverChanged()),
    );
    this.updateMenus();
    this.serverChanged();
  }

  /** Shows the code related to a location and pins it. */
  async find(subject: Subject): Promise<void> {
    this.setPinned(true);
    this.request(subject, 0);
    await vscode.commands.executeCommand("codekin.related.focus");
  }

  setFollowing(following: boolean): void {
    this.following = following;
    this.updateMenus();
    this.cursorMoved();
  }

  setPinned(pinned: boolean): void {
    this.pinned = pinned;
    this.updateMenus();
    if (sameSubject(this.shown?.subject, this.subject)) this.draw();
    this.cursorMoved();
  }

  refresh(): void {
    this.request(this.pinned ? this.subject : (subjectOfEditor() ?? this.subject), 0);
  }

  open(result: Result, column?: vscode.ViewColumn): Promise<void> {
    const beside = column === undefined ? {} : { column };
    return this.follow.without(async () => {
      await open(result, { ...beside, preview: column === undefined });
    });
  }

  openSubject({ uri, startLine }: Subject): Promise<void> {
    const selection = new vscode.Range(startLine, 0, startLine, 0);
    return this.follow.without(async () => {
      await vscode.window.showTextDocument(vscode.Uri.parse(uri), { selection });
    });
  }

  dispose(): void {
    this.latest.cancel();
    this.disposables.dispose();
  }

  private cursorMoved(): void {
    if (!this.view.visible || this.pinned || !this.following) return;
    const subject = subjectOfEditor();
    if (subject !== undefined && !sameSubject(subject, this.subject)) this.request(subject, FOLLOW_MS);
  }

  private serverChanged(): void {
    const { state } = this.server;
    if (state.kind !== "running") {
      this.clear("");
    } else if (state.status?.state === "ready" && (this.view.visible || this.pinned)) {
      this.refresh();
    }
  }

  private request(subject: Subject | undefined, delayMs: number): void {
    this.subject = subject;
    if (subject === undefined) {
      this.view.message = l10n.t("Place the cursor in a file to see related code.");
      return;
    }
    this.latest.run(delayMs, (signal) => this.load(subject, signal));
  }

  private async load(subject: Subject, signal: AbortSignal): Promise<void> {
    const params = relatedParams(subject, setting("related.limit"));
    try {
      const { results, reasons } = await this.server.request(relatedRequest, params, signal);
      if (signal.aborted) return;
      this.shown = { subject, results, why: reasons.join(" ") };
      this.draw();
    } catch (error) {
      if (signal.aborted || this.server.state.kind !== "running") return;
      this.clear(textOf(error));
    }
  }

  /** Draws the rows with their heading. */
  private draw(): void {
    if (this.shown === undefined) return;
    const { subject, results } = this.shown;
    this.view.message = "";
    this.tree.replace(rowsOf(results, subject, this.pinned));
  }

  private clear(message: string): void {
    this.shown = undefined;
    this.tree.replace([]);
    this.view.message = message;
  }

  /**
   * Says why there are no rows, once the editor has removed the earlier ones: it draws rows and
   * message separately, and rows of one place must not be seen below a message about another.
   */
  private handedOut(): void {
    if (this.shown === undefined || this.shown.results.length > 0) return;
    const { subject, why } = this.shown;
    const text = l10n.t("No code related to {0}", placeText(subject, this.pinned));
    this.view.message = why === "" ? text : `${text}: ${why}`;
  }

  private updateMenus(): void {
    void vscode.commands.executeCommand("setContext", "codekin.following", this.following);
    void vscode.commands.executeCommand("setContext", "codekin.pinned", this.pinned);
  }
}
