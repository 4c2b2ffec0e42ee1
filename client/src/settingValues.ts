/** Values of settings that the editor accepts although the manifest does not allow them. */
import { MODES, type Mode } from "./protocol";

/** Bounds of numbers, as in the manifest, which the settings editor shows but does not enforce. */
const BOUNDS: Readonly<Record<string, readonly [number, number]>> = {
  "search.limit": [1, 500],
  "search.debounceMs": [0, 2000],
  "related.limit": [1, 200],
  "results.limit": [1, 1000],
};

/** Returns a value, the nearest number that is allowed, or the default of the setting. */
export function allowed(name: string, value: unknown, fallback: unknown): unknown {
  const bounds = BOUNDS[name];
  if (bounds !== undefined && typeof value === "number" && Number.isFinite(value))
    return Math.min(Math.max(Math.round(value), bounds[0]), bounds[1]);
  if (name === "search.mode") return MODES.includes(value as Mode) ? value : fallback;
  return typeof value === typeof fallback ? value : fallback;
}
