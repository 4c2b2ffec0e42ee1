import tseslint from "typescript-eslint";
import { shownStrings } from "./client/localization/shownStrings.mjs";

export default tseslint.config(
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      // Names and lines of a stranger's repository reach a page as text, never as HTML.
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML", "supportHtml"].map((property) => ({
          property,
          message: "Use textContent, or `markdown` of visible.ts.",
        })),
      ],
      // Handlers of events return nothing: `() => void work()` and `return this.become(...)` say what happens in one line.
      "@typescript-eslint/no-confusing-void-expression": "off",
      // The runner itself waits for its tests.
      "@typescript-eslint/no-floating-promises": [
        "error",
        { allowForKnownSafeCalls: [{ from: "package", name: ["test"], package: "node:test" }] },
      ],
    },
  },
  {
    files: ["client/src/**/*.ts"],
    ignores: ["**/*.test.ts"],
    plugins: { codekin: { rules: { "shown-strings": shownStrings } } },
    rules: { "codekin/shown-strings": "error" },
  },
  {
    files: ["client/src/**/*.test.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          name: "node:fs",
          importNames: ["mkdtempSync"],
          message: "Use scratchFolder, which is removed when the tests end.",
        },
      ],
    },
  },
  { files: ["**/*.mjs"], ...tseslint.configs.disableTypeChecked },
);
