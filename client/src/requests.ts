/** The own requests and what they answer, by name. Light on purpose: the language client is loaded after activation. */
import type {
  Answer,
  CommitParams,
  CommitText,
  ControlParams,
  DoctorText,
  FilterValues,
  MapParams,
  RelatedParams,
  SearchParams,
  SemanticMap,
  Status,
  UnchangedMap,
} from "./protocol";

/** `P` and `R` are there for the compiler alone. */
export interface Request<P, R> {
  readonly method: string;
  readonly shape?: (params: P) => R;
}

const request = <P, R>(method: string): Request<P, R> => ({ method });

export const searchRequest = request<SearchParams, Answer>("codekin/search");
export const relatedRequest = request<RelatedParams, Answer>("codekin/related");
export const statusRequest = request<Record<string, never>, Status>("codekin/status");
export const controlRequest = request<ControlParams, Status>("codekin/control");
/** `known` is the revision of the map that one has: of the same, nothing is sent but that it is unchanged. */
export const mapRequest = request<MapParams, SemanticMap | UnchangedMap>("codekin/map");
/** `url` is where it can be read on the web, "" where nobody can tell. */
export const commitRequest = request<CommitParams, CommitText>("codekin/commit");
export const filtersRequest = request<Record<string, never>, FilterValues>("codekin/filters");
export const doctorRequest = request<Record<string, never>, DoctorText>("codekin/doctor");
export const STATUS_CHANGED = "codekin/statusChanged";
