// Bundles the extension (dist/extension.js), its language client (dist/languageClient.js) and the page of the map (dist/map.js).
// --release: minified, no source maps. --watch: again on every change. --tests: the unit tests instead (dist/tests).
import { rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { build, context } from "esbuild";

const flags = new Set(process.argv.slice(2));
const shared = {
  bundle: true,
  platform: "node",
  target: "node20",
  format: "cjs",
  logLevel: "warning",
  minify: flags.has("--release"),
  sourcemap: flags.has("--release") ? false : "linked",
};
/** For `import * as` esbuild copies the editor's interface, some 400 names, in each module: 40 ms of the activation. */
const vscodeAsItIs = {
  name: "vscode-as-it-is",
  setup(builder) {
    builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const contents = text.replace('import * as vscode from "vscode"', 'import vscode = require("vscode")');
      return { contents, loader: "ts" };
    });
  },
};
const extension = {
  ...shared,
  entryPoints: ["client/src/extension.ts", "client/src/server/languageClient.ts"],
  entryNames: "[name]",
  outdir: "dist",
  // The language client is a file of its own, so that activation does not read it.
  external: ["vscode", "./languageClient"],
  plugins: [vscodeAsItIs],
  supported: { "dynamic-import": false }, // becomes a require, which is what finds files without their extension
};
const map = {
  ...shared,
  platform: "browser",
  target: "chrome122", // of VS Code 1.91
  format: "iife",
  entryPoints: ["client/src/map/web/main.ts"],
  outfile: "dist/map.js",
};
const tests = {
  ...shared,
  entryPoints: ["client/src/**/*.test.ts", "client/flat-index/*.test.ts"],
  outdir: "dist/tests",
  outExtension: { ".js": ".cjs" },
};

if (flags.has("--tests")) {
  rmSync("dist/tests", { recursive: true, force: true });
  await build(tests);
} else if (flags.has("--watch")) {
  for (const part of [extension, map]) await (await context(part)).watch();
} else {
  await Promise.all([build(extension), build(map)]);
}
