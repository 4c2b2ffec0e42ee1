/** The HTML page of the map. Its content security policy allows only its own script and style. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

export function page(webview: vscode.Webview, extension: vscode.Uri): string {
  const nonce = randomBytes(16).toString("base64");
  const at = (...path: string[]): string => webview.asWebviewUri(vscode.Uri.joinPath(extension, ...path)).toString();
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${at("client", "media", "map.css")}">
  <title>Semantic Map</title>
</head>
<body>
  <header>
    <input id="search" type="search" placeholder="Search by words, names, lang: or path:" aria-label="Search the map" spellcheck="false">
    <span id="note" role="status"></span>
    <button id="fit" type="button" title="Show All (0)">Fit</button>
  </header>
  <main>
    <canvas id="map" tabindex="0" role="application" aria-roledescription="semantic map" aria-describedby="summary"></canvas>
    <p id="summary" class="visually-hidden"></p>
    <p id="announcement" class="visually-hidden" aria-live="polite"></p>
    <ul id="legend" aria-label="Folders: press to show or hide"></ul>
    <aside id="card" hidden></aside>
    <p id="notice" role="status">Drawing the map…</p>
  </main>
  <script nonce="${nonce}" src="${at("dist", "map.js")}"></script>
</body>
</html>`;
}
