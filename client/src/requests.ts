/** The own requests as the language client knows them. */
import { NotificationType, RequestType } from "vscode-languageclient/node";
import type { Answer, ControlAction, RelatedParams, SearchParams, Status } from "./protocol";

export const searchRequest = new RequestType<SearchParams, Answer, void>("codekin/search");
export const relatedRequest = new RequestType<RelatedParams, Answer, void>("codekin/related");
export const statusRequest = new RequestType<Record<string, never>, Status, void>("codekin/status");
export const controlRequest = new RequestType<{ action: ControlAction }, Status, void>("codekin/control");
export const doctorRequest = new RequestType<Record<string, never>, { text: string }, void>("codekin/doctor");
export const statusChanged = new NotificationType<Status>("codekin/statusChanged");
