import assert from "node:assert/strict";
import { test } from "node:test";
import { bringIn, fit, pan, toMap, toScreen, zoom } from "./camera";

const size = { width: 800, height: 600 };
const overview = fit([-1, 3], [-2, 2], size);
const near = (one: number, other: number): void =>
  assert.ok(Math.abs(one - other) < 1e-9, `${String(one)} ${String(other)}`);

test("all points fit, with a margin", () => {
  for (const place of [
    { x: -1, y: -2 },
    { x: 3, y: 2 },
  ]) {
    const spot = toScreen(overview, place, size);
    assert.ok(spot.x > 40 && spot.x < 760 && spot.y > 40 && spot.y < 560, JSON.stringify(spot));
  }
});

test("a map of one point or none can be shown", () => {
  assert.deepEqual(toScreen(fit([5], [5], size), { x: 5, y: 5 }, size), { x: 400, y: 300 });
  assert.ok(Number.isFinite(fit([], [], size).scale));
});

test("screen and map coordinates are inverse", () => {
  const place = toMap(overview, toScreen(overview, { x: 0.3, y: -1.2 }, size), size);
  near(place.x, 0.3);
  near(place.y, -1.2);
});

test("zooming keeps the point under the pointer in place, within limits", () => {
  const spot = { x: 100, y: 500 };
  const under = toMap(overview, spot, size);
  const closer = zoom(overview, 3, spot, size, overview);
  near(toScreen(closer, under, size).x, 100);
  near(toScreen(closer, under, size).y, 500);
  near(zoom(overview, 1e9, spot, size, overview).scale, overview.scale * 60);
  near(zoom(overview, 1e-9, spot, size, overview).scale, overview.scale / 2);
});

test("panning moves by pixels, and bringing in moves no farther than necessary", () => {
  near(toScreen(pan(overview, 10, -5), { x: overview.x, y: overview.y }, size).x, 410);
  assert.deepEqual(bringIn(overview, { x: 0, y: 0 }, size), overview);
  near(toScreen(bringIn(overview, { x: 100, y: 0 }, size), { x: 100, y: 0 }, size).x, 740);
});
