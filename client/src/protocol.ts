/** The own requests of the language server, as docs/reference/protocol.md has them. Lines are 0-based, ranges are whole lines. */

export interface Position {
  line: number;
  character: number;
}

export interface Range {
  start: Position;
  end: Position;
}

export const MODES = ["hybrid", "semantic", "lexical", "regex", "literal"] as const;
export type Mode = (typeof MODES)[number];

/** Filters are part of the query: `retry lang:go kind:test,commit`. `explain` wants the parts of the scores. */
export interface SearchParams {
  query: string;
  limit: number;
  mode: Mode;
  explain?: boolean;
}

export interface RelatedParams {
  textDocument: { uri: string };
  range: Range;
  limit: number;
}

export interface Result {
  uri: string;
  path: string;
  range: Range;
  kind: string;
  symbol: string;
  language: string;
  score: number;
  snippet: string;
  parts?: Record<string, number>;
  /** Of the last commit that changed the file, or of the commit that this is; the date as YYYY-MM-DD. */
  author?: string;
  date?: string;
  /** The hash of the commit that this is: `uri` is no file then. */
  commit?: string;
  pullRequest?: number;
  /** The hash of the commit that the file is shown as of: `uri` is no file then. */
  revision?: string;
  /** Why it is related ("tested by", "last changed in", "like this"), and the grounds for that. */
  relation?: string;
  reason?: string;
}

/** What filters may be, with how often each value occurs. */
export interface FilterValues {
  languages: Record<string, number>;
  extensions: Record<string, number>;
  folders: Record<string, number>;
  kinds: Record<string, number>;
  authors: Record<string, number>;
}

/** In files; `complete` is false until the folder has been looked through. */
export interface Coverage {
  indexed: number;
  total: number;
  complete: boolean;
}

export interface Answer {
  results: Result[];
  coverage: Coverage;
  tookMs: number;
  reasons: string[];
}

export interface Status {
  state: "starting" | "indexing" | "ready" | "paused" | "degraded";
  reasons: string[];
  roots: string[];
  files: number;
  chunks: number;
  commits?: number;
  coverage: Coverage;
  embedder: { name: string; dim: number };
  stores: Record<string, { active: string; why: string; path: string }>;
  embedCalls: { computed: number; reused: number };
  skipped: Record<string, number>;
  ratePerS?: number;
  /** The model that reads everything a second time: `covered` of `total` chunks so far. */
  deep?: {
    state: "off" | "loading" | "filling" | "complete" | "failed";
    model: string;
    covered: number;
    total: number;
  };
  pid?: number;
  writer?: boolean;
  /** Of a first index that waits to be resumed. */
  estimate?: Estimate | null;
}

export interface Estimate {
  files: number;
  sourceBytes: number;
  seconds: number;
  diskBytes: number;
  /** All of it in words. */
  text: string;
}

/** Every property of `points` is an array with an entry for each point. `groups` are folders, "" for the rest. */
export interface SemanticMap {
  revision: string;
  unchanged: boolean;
  shown: number;
  total: number;
  groups: string[];
  files: { uri: string; path: string; group: number }[];
  points: {
    x: number[];
    y: number[];
    file: number[];
    startLine: number[];
    endLine: number[];
    symbol: string[];
    kind: string[];
  };
}

export type ControlAction = "pause" | "resume" | "rebuild" | "clear";
