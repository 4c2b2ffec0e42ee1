import assert from "node:assert/strict";
import { test } from "node:test";
import { besideDots } from "./labels";

const box = { x: 100, y: 100, width: 60 };

test("a name moves to the nearest line where it covers no dot", () => {
  assert.deepEqual(besideDots(box, [{ x: 300, y: 100 }], 4), box);
  assert.equal(besideDots(box, [{ x: 120, y: 104 }], 4).y, 86);
  assert.equal(besideDots(box, [{ x: 120, y: 96 }], 4).y, 114);
});

test("a name among dots covers as few as possible", () => {
  const column = [60, 72, 86, 100, 114].map((y) => ({ x: 120, y }));
  assert.equal(besideDots(box, [...column, { x: 130, y: 100 }], 4).y, 128);
});

test("a name stays in the middle of its region on a map with many dots", () => {
  const many = Array.from({ length: 1000 }, () => ({ x: 120, y: 100 }));
  assert.deepEqual(besideDots(box, many, 2), box);
});
