import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { hasDeepModel } from "../environment";
import { modelRequirements, pipCommand } from "./deepModel";
import { scratchFolder } from "./scratchFolder";
import { bundledModel, bundledWheel } from "./wheel";

const MODEL = "/x/codekin_deep_model-0.1.0-py3-none-any.whl";

test("the model is installed with the libraries of the server's extra", () => {
  const wheel = "/x/codekin-0.1.0-py3-none-any.whl";
  assert.deepEqual(modelRequirements(wheel, MODEL), [`${wheel}[deep]`, MODEL]);
  assert.deepEqual(modelRequirements("/some/checkout", MODEL), ["codekin[deep]", MODEL]);
});

test("the command for another Python names that Python and its options", () => {
  const serve = ["serve", "--stdio"];
  const own = { command: "C:\\My Python\\python.exe", args: ["-3.12", "-m", "codekin", ...serve], cwd: "/" };
  assert.equal(pipCommand(own, MODEL), `"C:\\My Python\\python.exe" -3.12 -m pip install "codekin[deep]" ${MODEL}`);
  const script = { command: "/usr/bin/codekin", args: serve, cwd: "/" };
  assert.equal(pipCommand(script, MODEL), `python -m pip install "codekin[deep]" ${MODEL}`);
});

test("each wheel of the extension is found by its distribution", () => {
  const folder = scratchFolder();
  assert.equal(bundledModel(folder), undefined);
  const wheels = join(folder, "dist", "wheel");
  mkdirSync(wheels, { recursive: true });
  writeFileSync(join(wheels, "codekin_deep_model-0.1.0-py3-none-any.whl"), "");
  assert.equal(bundledWheel(folder), undefined);
  writeFileSync(join(wheels, "codekin-0.1.0-py3-none-any.whl"), "");
  assert.equal(bundledWheel(folder), join(wheels, "codekin-0.1.0-py3-none-any.whl"));
  assert.equal(bundledModel(folder), join(wheels, "codekin_deep_model-0.1.0-py3-none-any.whl"));
});

test("an environment has the model if its files are there", { skip: process.platform === "win32" }, () => {
  const storage = scratchFolder();
  assert.equal(hasDeepModel(storage), false);
  const packages = join(storage, "env", "lib", "python3.12", "site-packages");
  mkdirSync(packages, { recursive: true });
  assert.equal(hasDeepModel(storage), false);
  mkdirSync(join(packages, "codekin_deep_model"));
  assert.equal(hasDeepModel(storage), true);
});
