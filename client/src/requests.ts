/**
 * The requests of codekin's own protocol and the types of their responses. This module does not
 * import the language client, which is loaded after activation.
 */
import type {
  Answer,
  CommitParams,
  CommitText,
  ControlParams,
  DoctorText,
  Duplicates,
  DuplicatesParams,
  FilterValues,
  MapParams,
  RelatedParams,
  SearchParams,
  SemanticMap,
  Status,
  UnchangedMap,
} from "./protocol";

/** `P` and `R` are the types of the parameters and the response. Only the compiler uses them. */
export interface Request<P, R> {
  readonly method: string;
  readonly shape?: (params: P) => R;
}

const request = <P, R>(method: string): Request<P, R> => ({ method });

export const searchRequest = request<SearchParams, Answer>("codekin/search");
export const relatedRequest = request<RelatedParams, Answer>("codekin/related");
export const statusRequest = request<Record<string, never>, Status>("codekin/status");
export const controlRequest = request<ControlParams, Status>("codekin/control");
/**
 * `known` is the revision of the map that the client has. If it is current, the response contains
 * only `unchanged`.
 */
export const mapRequest = request<MapParams, SemanticMap | UnchangedMap>("codekin/map");
/** `url` is the address of the commit or pull request on the web, or "" if it is unknown. */
export const commitRequest = request<CommitParams, CommitText>("codekin/commit");
export const filtersRequest = request<Record<string, never>, FilterValues>("codekin/filters");
export const duplicatesRequest = request<DuplicatesParams, Duplicates>("codekin/duplicates");
export const doctorRequest = request<Record<string, never>, DoctorText>("codekin/doctor");
export const STATUS_CHANGED = "codekin/statusChanged";
