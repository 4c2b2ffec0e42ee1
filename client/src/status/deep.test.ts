import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deep } from "../protocol";
import { isModelOffered } from "./deep";

const deep: Deep = { state: "off", model: "", covered: 0, total: 0, remainingS: null, installed: false };

test("the deep model is offered where it is not installed and would be used", () => {
  assert.ok(isModelOffered(deep, "auto"));
  assert.ok(isModelOffered({ ...deep, state: "failed" }, "on"));
  assert.ok(!isModelOffered({ ...deep, installed: true }, "auto"));
  assert.ok(!isModelOffered(deep, "off"));
  assert.ok(!isModelOffered(deep, "onnx:/models/other"));
});

test("a server that does not say whether the model is installed gets no offer", () => {
  const older: Deep = { state: "off", model: "", covered: 0, total: 0, remainingS: null };
  assert.ok(!isModelOffered(older, "auto"));
  assert.ok(!isModelOffered(undefined, "auto"));
});
