/** What a first index takes, in words. The figures are guesses and are rounded like such. */
import type { Estimate } from "../protocol";

const MB = 1_000_000;

export function estimateText({ files, sourceBytes, seconds, diskBytes }: Estimate): string {
  const count = files.toLocaleString("en-US");
  return `Index ${count} files (${sizeText(sourceBytes)})? It takes about ${timeText(seconds)} and ${sizeText(diskBytes)} of disk. Search works meanwhile.`;
}

function sizeText(bytes: number): string {
  return bytes >= 1000 * MB
    ? `${(bytes / (1000 * MB)).toFixed(1)} GB`
    : `${String(Math.max(1, Math.round(bytes / MB)))} MB`;
}

function timeText(seconds: number): string {
  if (seconds < 90) return `${String(Math.max(10, Math.ceil(seconds / 10) * 10))} seconds`;
  return `${String(Math.round(seconds / 60))} minutes`;
}
