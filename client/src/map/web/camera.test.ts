import assert from "node:assert/strict";
import { test } from "node:test";
import { bringIn, fit, pan, toMap, toScreen, zoom } from "./camera";

const size = { width: 800, height: 600 };
const whole = fit([-1, 3], [-2, 2], size);
const near = (one: number, other: number): void =>
  assert.ok(Math.abs(one - other) < 1e-9, `${String(one)} ${String(other)}`);

test("everything fits, with a margin", () => {
  for (const place of [
    { x: -1, y: -2 },
    { x: 3, y: 2 },
  ]) {
    const spot = toScreen(whole, place, size);
    assert.ok(spot.x > 40 && spot.x < 760 && spot.y > 40 && spot.y < 560, JSON.stringify(spot));
  }
});

test("one point, or none, can be shown", () => {
  assert.deepEqual(toScreen(fit([5], [5], size), { x: 5, y: 5 }, size), { x: 400, y: 300 });
  assert.ok(Number.isFinite(fit([], [], size).scale));
});

test("screen and map are inverse", () => {
  const place = toMap(whole, toScreen(whole, { x: 0.3, y: -1.2 }, size), size);
  near(place.x, 0.3);
  near(place.y, -1.2);
});

test("zooming leaves what is under the pointer there, within limits", () => {
  const spot = { x: 100, y: 500 };
  const under = toMap(whole, spot, size);
  const closer = zoom(whole, 3, spot, size, whole);
  near(toScreen(closer, under, size).x, 100);
  near(toScreen(closer, under, size).y, 500);
  near(zoom(whole, 1e9, spot, size, whole).scale, whole.scale * 60);
  near(zoom(whole, 1e-9, spot, size, whole).scale, whole.scale / 2);
});

test("panning moves by pixels; bringing in moves no more than it must", () => {
  near(toScreen(pan(whole, 10, -5), { x: whole.x, y: whole.y }, size).x, 410);
  assert.deepEqual(bringIn(whole, { x: 0, y: 0 }, size), whole);
  near(toScreen(bringIn(whole, { x: 100, y: 0 }, size), { x: 100, y: 0 }, size).x, 740);
});
