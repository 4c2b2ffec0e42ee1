/**
 * The panel of the semantic map: requests data from the server, sends it to the page and follows
 * the index.
 */
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";
import { textOf } from "../errors";
import type { SemanticMap } from "../protocol";
import { relatedParams } from "../related/subject";
import { mapRequest, relatedRequest, searchRequest } from "../requests";
import { Latest } from "../search/query/latest";
import { searchParams } from "../search/query/params";
import { filterValues } from "../search/query/query";
import type { Server } from "../server/server";
import { whyUnavailable } from "../server/state";
import { setting } from "../settings";
import type { ToExtension, ToPage } from "./messages";
import { page } from "./page";
import { fileNote, hitsOf, MAX_POINTS, maxHits, noteOf } from "./hits";
import { PointIndex } from "./points";
import { firstLines, placeOfPoint } from "./places";

export const VIEW_TYPE = "codekin.map";
const REFRESH_MS = 2_000;
const SIMILAR_POINTS = 8;
const NOTHING = l10n.t("Nothing is indexed yet. The map appears when the first files are indexed.");

/** A 0-based line of a file, and the name of the file. */
export interface FileLine {
  uri: string;
  name: string;
  line: number;
}

export class MapPanel implements vscode.Disposable {
  private readonly disposables: vscode.Disposable;
  private readonly refreshing = new Latest();
  private readonly searching = new Latest();
  private readonly loadingDetails = new Latest();
  private map: SemanticMap | undefined;
  private points: PointIndex | undefined;
  private listening = false;
  private askedAt = 0;
  /** The file to show once there is a map. */
  private file: FileLine | undefined;

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
      webview.onDidReceiveMessage((message: ToExtension) => this.receive(message)),
      server.onState(() => this.refresh()),
      panel.onDidChangeViewState(() => this.refresh()),
      panel.onDidDispose(closed),
    );
    webview.html = page(webview, extension);
  }

  reveal(): void {
    this.panel.reveal();
  }

  /** Shows where the chunks of a file are, and selects the one at a line. */
  showFile(file: FileLine): void {
    this.file = file;
    this.sendFile();
  }

  dispose(): void {
    for (const work of [this.refreshing, this.searching, this.loadingDetails]) work.cancel();
    this.disposables.dispose();
    this.panel.dispose();
  }

  /** Reloads the map, at most every two seconds and only while it is visible. */
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
      const map = await this.server.request(mapRequest, { known, limit: MAX_POINTS }, signal);
      if (signal.aborted || map.unchanged) return;
      this.map = map;
      this.points = new PointIndex(map);
      this.sendMap(map);
    } catch (error) {
      if (!signal.aborted) this.send({ type: "notice", text: l10n.t("Could not load the map: {0}", textOf(error)) });
    }
  }

  private receive(message: ToExtension): void {
    switch (message.type) {
      case "ready":
        // A page that was hidden has lost everything except its saved state.
        this.listening = true;
        if (this.map) this.sendMap(this.map);
        this.refresh();
        break;
      case "open":
        void this.open(message.point, message.beside);
        break;
      case "details":
        this.loadingDetails.run(0, (signal) => this.sendDetails(message.point, signal));
        break;
      case "search":
        this.searching.run(setting("search.debounceMs"), (signal) => this.search(message.query, signal));
        break;
    }
  }

  private sendMap(map: SemanticMap): void {
    this.send(map.shown > 0 ? { type: "map", map } : { type: "notice", text: NOTHING });
    this.sendFile();
  }

  private sendFile(): void {
    const { file, points } = this;
    if (file === undefined || points === undefined || !this.listening) return;
    const found = points.in(file.uri);
    const note = fileNote(file.name, found.length);
    this.send({ type: "file", points: [...found], selected: points.at(file.uri, file.line) ?? found[0], note });
    this.file = undefined;
  }

  private async open(point: number, beside: boolean): Promise<void> {
    const place = this.map && placeOfPoint(this.map, point);
    if (place === undefined) return;
    // The map keeps its editor group, and files open beside it.
    const column =
      beside || this.panel.viewColumn === vscode.ViewColumn.One ? vscode.ViewColumn.Beside : vscode.ViewColumn.One;
    const selection = new vscode.Range(place.startLine, 0, place.startLine, 0);
    const editor = await vscode.window.showTextDocument(vscode.Uri.parse(place.uri), { viewColumn: column, selection });
    const lines = new vscode.Range(place.startLine, 0, Math.max(place.startLine, place.endLine - 1), 0);
    editor.revealRange(lines, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  /**
   * Sends the first lines of a point and the points most similar to it. The server provides the
   * latter, because it has the vectors of every store and of unsaved text.
   */
  private async sendDetails(point: number, signal: AbortSignal): Promise<void> {
    const place = this.map && placeOfPoint(this.map, point);
    if (place === undefined) return;
    try {
      const [lines, answer] = await Promise.all([
        firstLines(place),
        this.server.request(relatedRequest, relatedParams(place, SIMILAR_POINTS), signal),
      ]);
      const similar = this.points?.of(answer.results).filter((other) => other !== point) ?? [];
      if (!signal.aborted) this.send({ type: "details", point, lines, similar });
    } catch (error) {
      if (!signal.aborted) this.send({ type: "details", point, lines: textOf(error), similar: [] });
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
    const limit = maxHits(mode, this.map?.shown ?? 0);
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
