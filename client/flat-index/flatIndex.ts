/**
 * Reads codekin's flat index (docs/reference/flat-index.md) and answers nearest-neighbour queries
 * without Python. Rows are unit vectors, so the score is the cosine. Large segments store them as
 * 8-bit integers with a scale for each row.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "@msgpack/msgpack";

const FORMAT_VERSION = 3;
const ALIGNMENT = 64;
const PREAMBLE_BYTES = 16;

export interface Hit {
  key: bigint;
  score: number;
}

interface ArrayEntry {
  dtype: string;
  shape: number[];
  offset: number;
  bytes: number;
  crc32: number;
}

interface SegmentHeader {
  kind: string;
  dim: number;
  dtype: string;
  metric: string;
  count: number;
  embedder: string;
  generation: number;
  arrays: Record<string, ArrayEntry>;
}

interface Manifest {
  kind: string;
  generation: number;
  segments: { name: string; deleted: Uint8Array }[];
}

interface Segment {
  keys: BigInt64Array;
  rows: Float32Array | Int8Array;
  /** What the numbers of each row are multiplied by, if they are integers. */
  scales?: Float32Array;
  deleted: Set<number>;
}

/** A file does not conform to the format. */
export class FlatIndexError extends Error {}

export class FlatIndex {
  private constructor(
    readonly dim: number,
    readonly embedder: string,
    readonly generation: number,
    private readonly segments: Segment[],
  ) {}

  /**
   * Opens the directory of one index. Throws FlatIndexError if a file is corrupt or has another
   * version.
   */
  static open(directory: string): FlatIndex {
    const manifest = decodeFile(readFileSync(join(directory, "MANIFEST")), "CKMF", "MANIFEST").header as Manifest;
    if (manifest.kind !== "flat") throw new FlatIndexError(`Not a flat index: its kind is ${manifest.kind}.`);
    let dim = 0;
    let embedder = "";
    const segments = manifest.segments.map(({ name, deleted }) => {
      const file = readFileSync(join(directory, name));
      const { header, start } = decodeFile(file, "CKSG", name);
      const fields = header as SegmentHeader;
      if (fields.metric !== "cosine") throw new FlatIndexError(`${name}: unknown metric ${fields.metric}.`);
      dim = fields.dim;
      embedder = fields.embedder;
      const keys = view(file, start, entry(fields, "keys", "<i8", name), name);
      return {
        keys: new BigInt64Array(keys.buffer, keys.byteOffset, fields.count),
        ...rowsOf(file, start, fields, name),
        deleted: new Set(rowNumbers(deleted)),
      };
    });
    return new FlatIndex(dim, embedder, manifest.generation, segments);
  }

  /** The number of live rows. */
  get size(): number {
    return this.segments.reduce((sum, segment) => sum + segment.keys.length - segment.deleted.size, 0);
  }

  /**
   * Returns the k rows nearest to a unit vector, best first, with ties in ascending order of keys.
   */
  search(query: Float32Array, k: number): Hit[] {
    if (query.length !== this.dim && this.size > 0) {
      throw new FlatIndexError(
        `The query has ${String(query.length)} dimensions, but the index has ${String(this.dim)}.`,
      );
    }
    const hits: Hit[] = [];
    for (const { keys, rows, scales, deleted } of this.segments) {
      for (let row = 0; row < keys.length; row += 1) {
        if (deleted.has(row)) continue;
        let score = 0;
        const base = row * this.dim;
        for (let at = 0; at < this.dim; at += 1) score += (rows[base + at] ?? 0) * (query[at] ?? 0);
        hits.push({ key: keys[row] ?? 0n, score: Math.fround(score * (scales?.[row] ?? 1)) });
      }
    }
    hits.sort((a, b) => b.score - a.score || (a.key < b.key ? -1 : 1));
    return hits.slice(0, Math.max(0, k));
  }
}

function decodeFile(file: Buffer, magic: string, name: string): { header: unknown; start: number } {
  if (file.length < PREAMBLE_BYTES || file.toString("latin1", 0, 4) !== magic)
    throw new FlatIndexError(`${name}: not a file of a flat index.`);
  const version = file.readUInt16LE(4);
  if (version < 1 || version > FORMAT_VERSION)
    throw new FlatIndexError(
      `${name}: format version ${String(version)} is not supported, expected at most ${String(FORMAT_VERSION)}.`,
    );
  const length = file.readUInt32LE(8);
  const header = file.subarray(PREAMBLE_BYTES, PREAMBLE_BYTES + length);
  if (header.length !== length || crc32(header) !== file.readUInt32LE(12))
    throw new FlatIndexError(`${name}: the header is corrupt.`);
  return {
    header: decode(header, { useBigInt64: false }),
    start: Math.ceil((PREAMBLE_BYTES + length) / ALIGNMENT) * ALIGNMENT,
  };
}

function rowsOf(file: Buffer, start: number, header: SegmentHeader, name: string): Pick<Segment, "rows" | "scales"> {
  const length = header.count * header.dim;
  if (header.dtype !== "|i1") {
    const rows = view(file, start, entry(header, "rows", "<f4", name), name);
    return { rows: new Float32Array(rows.buffer, rows.byteOffset, length) };
  }
  const rows = view(file, start, entry(header, "rows", "|i1", name), name);
  const scales = view(file, start, entry(header, "scales", "<f4", name), name);
  return {
    rows: new Int8Array(rows.buffer, rows.byteOffset, length),
    scales: new Float32Array(scales.buffer, scales.byteOffset, header.count),
  };
}

function entry(header: SegmentHeader, array: string, dtype: string, name: string): ArrayEntry {
  const found = header.arrays[array];
  if (found?.dtype !== dtype) throw new FlatIndexError(`${name}: array ${array} of type ${dtype} is missing.`);
  return found;
}

/** Returns the bytes of one array, aligned for typed arrays of 8-byte numbers. */
function view(file: Buffer, start: number, array: ArrayEntry, name: string): Uint8Array {
  const bytes = file.subarray(start + array.offset, start + array.offset + array.bytes);
  if (bytes.length !== array.bytes || crc32(bytes) !== array.crc32)
    throw new FlatIndexError(`${name}: an array is corrupt.`);
  return bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
}

function rowNumbers(deleted: Uint8Array): number[] {
  const bytes = new DataView(deleted.buffer, deleted.byteOffset, deleted.byteLength);
  return Array.from({ length: deleted.byteLength / 4 }, (_, at) => bytes.getInt32(at * 4, true));
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** Returns the CRC-32 as zlib computes it. Node includes it only from version 22. */
function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = (CRC_TABLE[(value ^ byte) & 0xff] ?? 0) ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
