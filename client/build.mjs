// Bundles the extension (dist/extension.js), its language client (dist/languageClient.js), what
// installs the server (dist/installer.js) and the page of the map (dist/map.js).
// --release minifies and omits source maps. --watch builds again on every change. --tests builds
// the unit tests (dist/tests) instead.
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
/** Statements that are replaced in the extension. */
const REPLACED = {
  // For this, esbuild copies the editor's API, about 400 names, in each module. The copies add 40 ms
  // to the activation.
  'import * as vscode from "vscode"': 'import vscode = require("vscode")',
  // Translations are those of the editor. Only modules that run elsewhere (the page of the map and
  // unit tests) bundle this library, which has the same functions.
  'import * as l10n from "@vscode/l10n"': 'import host = require("vscode"); const { l10n } = host',
};
const editorApi = {
  name: "editor-api",
  setup(builder) {
    builder.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      let contents = await readFile(path, "utf8");
      for (const [statement, other] of Object.entries(REPLACED)) contents = contents.replace(statement, other);
      return { contents, loader: "ts" };
    });
  },
};
const extension = {
  ...shared,
  entryPoints: ["client/src/extension.ts", "client/src/server/languageClient.ts", "client/src/server/installer.ts"],
  entryNames: "[name]",
  outdir: "dist",
  // Separate files, so that activation does not read them.
  external: ["vscode", "./languageClient", "./installer"],
  plugins: [editorApi],
  supported: { "dynamic-import": false }, // becomes `require`, which resolves paths without an extension
};
const map = {
  ...shared,
  platform: "browser",
  target: "chrome122", // the version in VS Code 1.91
  format: "iife",
  entryPoints: ["client/src/map/web/main.ts"],
  outfile: "dist/map.js",
};
const tests = {
  ...shared,
  entryPoints: ["src", "localization", "flat-index"].map((folder) => `client/${folder}/**/*.test.ts`),
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
