/**
 * The Related Code view, which follows the cursor while it is visible, unless it is paused or
 * pinned.
 */
import * as vscode from "vscode";
import { textOf } from "../errors";
import type { Result } from "../protocol";
import { relatedRequest } from "../requests";
import { Latest } from "../search/query/latest";
import { open } from "../search/preview";
import type { Server } from "../server/server";
import { setting } from "../settings";
import { Follow, subjectOfEditor } from "./follow";
import { relatedParams, sameSubject, subjectText, type Subject } from "./subject";
import { RelatedTree } from "./tree";

const FOLLOW_MS = 150;

export class RelatedView implements vscode.Disposable {
  private readonly tree = new RelatedTree();
  private readonly view = vscode.window.createTreeView("codekin.related", { treeDataProvider: this.tree });
  private readonly latest = new Latest();
  private readonly follow = new Follow(() => this.cursorMoved());
  private readonly disposables: vscode.Disposable;
  private subject: Subject | undefined;
  /** What the rows are those of. */
  private shown: { subject: Subject; found: boolean; why: string } | undefined;
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
    if (sameSubject(this.shown?.subject, this.subject)) this.describe();
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
      this.tree.set([]);
      this.view.message = "";
    } else if (state.status?.state === "ready" && (this.view.visible || this.pinned)) {
      this.refresh();
    }
  }

  private request(subject: Subject | undefined, delayMs: number): void {
    this.subject = subject;
    if (subject === undefined) {
      this.view.message = "Place the cursor in a file to see related code.";
      return;
    }
    this.latest.run(delayMs, (signal) => this.load(subject, signal));
  }

  /**
   * Loads the rows and sets the title above them. The editor draws rows and title separately, at
   * most 0.2 s apart.
   */
  private async load(subject: Subject, signal: AbortSignal): Promise<void> {
    const params = relatedParams(subject, setting("related.limit"));
    try {
      const { results, reasons } = await this.server.request(relatedRequest, params, signal);
      if (signal.aborted) return;
      this.tree.set(results);
      this.shown = { subject, found: results.length > 0, why: reasons.join(" ") };
      this.describe();
    } catch (error) {
      if (signal.aborted || this.server.state.kind !== "running") return;
      this.tree.set([]);
      this.view.message = textOf(error);
    }
  }

  /** Sets the title above the rows. */
  private describe(): void {
    if (this.shown === undefined) return;
    const { subject, found, why } = this.shown;
    const place = `${subjectText(subject)}${this.pinned ? " (pinned)" : ""}`;
    this.view.message = found ? `Related to ${place}` : [`No code related to ${place}`, why].filter(Boolean).join(": ");
  }

  private updateMenus(): void {
    void vscode.commands.executeCommand("setContext", "codekin.following", this.following);
    void vscode.commands.executeCommand("setContext", "codekin.pinned", this.pinned);
  }
}
