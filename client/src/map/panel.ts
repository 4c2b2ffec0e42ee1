/** The semantic map beside the editors: asks the server, answers the page, follows the index. */
import * as vscode from "vscode";
import { textOf } from "../errors";
import type { SemanticMap } from "../protocol";
import { relatedParams } from "../related/subject";
import { mapRequest, relatedRequest, searchRequest } from "../requests";
import { Latest } from "../search/latest";
import { searchParams } from "../search/params";
import { filterValues } from "../search/query";
import type { Server } from "../server/server";
import { whyUnavailable } from "../server/state";
import { setting } from "../settings";
import type { ToExtension, ToPage } from "./messages";
import { page } from "./page";
import { hitsOf, mostHits, noteOf } from "./hits";
import { PointIndex } from "./points";
import { firstLines, placeOfPoint } from "./places";

export const VIEW_TYPE = "codekin.map";
const REFRESH_MS = 2_000;
const KIN = 8;
const NOTHING = "Nothing is indexed yet. The map is drawn as soon as there is something to show.";

export class MapPanel implements vscode.Disposable {
  private readonly disposables: vscode.Disposable;
  private readonly refreshing = new Latest();
  private readonly searching = new Latest();
  private readonly looking = new Latest();
  private map: SemanticMap | undefined;
  private points: PointIndex | undefined;
  private listening = false;
  private askedAt = 0;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly server: Server,
    extension: vscode.Uri,
    closed: () => void,
  ) {
    const { webview } = panel;
    webview.options = {
      enableScripts: true,
      localResourceRoots: [vscode.Uri.joinPath(extension, "dist"), vscode.Uri.joinPath(extension, "client", "media")],
    };
    this.disposables = vscode.Disposable.from(
      webview.onDidReceiveMessage((message: ToExtension) => this.take(message)),
      server.onState(() => this.refresh()),
      panel.onDidChangeViewState(() => this.refresh()),
      panel.onDidDispose(closed),
    );
    webview.html = page(webview, extension);
  }

  reveal(): void {
    this.panel.reveal();
  }

  dispose(): void {
    for (const work of [this.refreshing, this.searching, this.looking]) work.cancel();
    this.disposables.dispose();
    this.panel.dispose();
  }

  /** At most every two seconds, and only while somebody can see it. */
  private refresh(): void {
    if (!this.panel.visible || !this.listening) return;
    const { state } = this.server;
    if (state.kind !== "running") {
      if (this.map === undefined) this.send({ type: "notice", text: whyUnavailable(state) });
      return;
    }
    const delayMs = Math.max(0, this.askedAt + REFRESH_MS - Date.now());
    this.refreshing.run(delayMs, (signal) => this.load(signal));
  }

  private async load(signal: AbortSignal): Promise<void> {
    this.askedAt = Date.now();
    try {
      const known = this.map?.revision ?? "";
      const map = await this.server.request(mapRequest, { known }, signal);
      if (signal.aborted || map.unchanged) return;
      this.map = map;
      this.points = new PointIndex(map);
      this.sendMap(map);
    } catch (error) {
      if (!signal.aborted) this.send({ type: "notice", text: `The map could not be drawn: ${textOf(error)}` });
    }
  }

  private take(message: ToExtension): void {
    switch (message.type) {
      case "ready":
        // A page that was hidden has forgotten everything but its own state.
        this.listening = true;
        if (this.map) this.sendMap(this.map);
        this.refresh();
        break;
      case "open":
        void this.open(message.point, message.beside);
        break;
      case "look":
        this.looking.run(0, (signal) => this.look(message.point, signal));
        break;
      case "search":
        this.searching.run(setting("search.debounceMs"), (signal) => this.search(message.query, signal));
        break;
    }
  }

  private sendMap(map: SemanticMap): void {
    this.send(map.shown > 0 ? { type: "map", map } : { type: "notice", text: NOTHING });
  }

  private async open(point: number, beside: boolean): Promise<void> {
    const place = this.map && placeOfPoint(this.map, point);
    if (place === undefined) return;
    // The map stays where it is: what it opens stands beside it.
    const column =
      beside || this.panel.viewColumn === vscode.ViewColumn.One ? vscode.ViewColumn.Beside : vscode.ViewColumn.One;
    const selection = new vscode.Range(place.startLine, 0, place.startLine, 0);
    const editor = await vscode.window.showTextDocument(vscode.Uri.parse(place.uri), { viewColumn: column, selection });
    const lines = new vscode.Range(place.startLine, 0, Math.max(place.startLine, place.endLine - 1), 0);
    editor.revealRange(lines, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  /** The server has the vectors, of every store and of unsaved text: it is asked for what is most like a point. */
  private async look(point: number, signal: AbortSignal): Promise<void> {
    const place = this.map && placeOfPoint(this.map, point);
    if (place === undefined) return;
    try {
      const [lines, answer] = await Promise.all([
        firstLines(place),
        this.server.request(relatedRequest, relatedParams(place, KIN), signal),
      ]);
      const kin = this.points?.of(answer.results).filter((other) => other !== point) ?? [];
      if (!signal.aborted) this.send({ type: "look", point, lines, kin });
    } catch (error) {
      if (!signal.aborted) this.send({ type: "look", point, lines: textOf(error), kin: [] });
    }
  }

  private async search(typed: string, signal: AbortSignal): Promise<void> {
    const params = searchParams(typed);
    if (params === undefined) {
      this.send({ type: "hits", query: "", points: [], note: "" });
      return;
    }
    const { mode } = params;
    const kinds = filterValues(typed, "kind").length > 0 ? "" : " kind:code,test";
    const limit = mostHits(mode, this.map?.shown ?? 0);
    try {
      const asked = { mode, query: `${params.query}${kinds}`, limit };
      const { results } = await this.server.request(searchRequest, asked, signal);
      const points = this.points?.of(hitsOf(results, mode)) ?? [];
      if (!signal.aborted)
        this.send({ type: "hits", query: typed, points, note: noteOf(points.length, results.length, mode) });
    } catch (error) {
      if (!signal.aborted) this.send({ type: "hits", query: typed, points: [], note: textOf(error) });
    }
  }

  private send(message: ToPage): void {
    void this.panel.webview.postMessage(message);
  }
}
