import assert from "node:assert/strict";
import { test } from "node:test";
import { pick, step } from "./picking";

const cloud = { x: [0, 1, 5, 0, -2], y: [0, 0.1, 0, 2, 0] };
const all = (): boolean => true;

test("the nearest point within reach is picked", () => {
  assert.equal(pick(cloud, { x: 0.4, y: 0 }, 1, all), 0);
  assert.equal(pick(cloud, { x: 0.9, y: 0 }, 1, all), 1);
  assert.equal(pick(cloud, { x: 3, y: 3 }, 1, all), undefined);
  assert.equal(
    pick(cloud, { x: 0.4, y: 0 }, 1, (point) => point !== 0),
    1,
  );
  assert.equal(pick({ x: [], y: [] }, { x: 0, y: 0 }, 1, all), undefined);
});

test("arrows go to the neighbour in their direction", () => {
  assert.equal(step(cloud, 0, "right", all), 1);
  assert.equal(step(cloud, 1, "right", all), 2);
  assert.equal(step(cloud, 0, "down", all), 3);
  assert.equal(step(cloud, 0, "left", all), 4);
  assert.equal(step(cloud, 0, "up", all), undefined);
  assert.equal(
    step(cloud, 0, "right", (point) => point !== 1),
    2,
  );
});
