/** The HTML page of the map. Its content security policy allows only its own script and style. */
import { randomBytes } from "node:crypto";
import * as l10n from "@vscode/l10n";
import * as vscode from "vscode";

export function page(webview: vscode.Webview, extension: vscode.Uri): string {
  const nonce = randomBytes(16).toString("base64");
  const at = (...path: string[]): string => webview.asWebviewUri(vscode.Uri.joinPath(extension, ...path)).toString();
  const policy = `default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'`;
  const bundle = vscode.l10n.bundle === undefined ? "" : JSON.stringify(vscode.l10n.bundle);
  // eslint-disable-next-line codekin/shown-strings -- markup, whose texts are inserted
  return `<!DOCTYPE html>
<html lang="${escaped(vscode.env.language)}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${policy}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <link rel="stylesheet" href="${at("client", "media", "map.css")}">
  <title>${escaped(l10n.t("Semantic Map"))}</title>
</head>
<body data-l10n="${escaped(bundle)}">
  <header>
    <input id="search" type="search" placeholder="${escaped(l10n.t("Search by words, names, lang: or path:"))}" aria-label="${escaped(l10n.t("Search the map"))}" spellcheck="false">
    <span id="note" role="status"></span>
    <button id="fit" type="button" title="${escaped(l10n.t("Show All (0)"))}">${escaped(l10n.t("Fit"))}</button>
  </header>
  <main>
    <canvas id="map" tabindex="0" role="application" aria-roledescription="${escaped(l10n.t("semantic map"))}" aria-describedby="summary"></canvas>
    <p id="summary" class="visually-hidden"></p>
    <p id="announcement" class="visually-hidden" aria-live="polite"></p>
    <ul id="legend" aria-label="${escaped(l10n.t("Folders: press to show or hide"))}"></ul>
    <aside id="card" hidden></aside>
    <p id="notice" role="status">${escaped(l10n.t("Drawing the map…"))}</p>
  </main>
  <script nonce="${nonce}" src="${at("dist", "map.js")}"></script>
</body>
</html>`;
}

/** Returns text as the content of an element or of an attribute in double quotes. */
function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/"/g, "&quot;");
}
