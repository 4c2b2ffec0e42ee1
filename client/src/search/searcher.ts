/** Searches for the typed text and reports an answer, or a message that says why there is none. */
import { textOf } from "../errors";
import type { Answer, SearchParams } from "../protocol";
import { searchRequest } from "../requests";
import type { Server } from "../server/server";
import { whyUnavailable, type ServerState } from "../server/state";
import { setting } from "../settings";
import { Latest } from "./query/latest";
import { noResults, welcome, type Message } from "./messages";
import { searchParams } from "./query/params";
import { parseQuery } from "./query/query";

/** `message` replaces the results. */
export interface Outcome {
  answer: Answer | undefined;
  message?: Message;
}

export class Searcher {
  private readonly latest = new Latest();

  constructor(
    private readonly server: Server,
    private readonly show: (outcome: Outcome) => void,
  ) {}

  /** Searches after `delayMs` without another call. Only the newest call gets an outcome. */
  ask(typed: string, explain: boolean, delayMs: number): void {
    const { state } = this.server;
    const params = searchParams(typed);
    if (state.kind !== "running") {
      this.showMessage(unavailable(state));
    } else if (params === undefined) {
      this.showMessage(welcome(state.status?.coverage));
    } else {
      this.latest.run(delayMs, (signal) =>
        this.search(typed, { ...params, limit: setting("search.limit"), explain }, signal),
      );
    }
  }

  cancel(): void {
    this.latest.cancel();
  }

  private showMessage(message: Message): void {
    this.cancel();
    this.show({ answer: undefined, message });
  }

  private async search(typed: string, params: SearchParams, signal: AbortSignal): Promise<void> {
    try {
      const answer = await this.server.request(searchRequest, params, signal);
      if (signal.aborted) return;
      this.show(answer.results.length > 0 ? { answer } : { answer, message: noResults(parseQuery(typed), answer) });
    } catch (error) {
      if (signal.aborted) return;
      this.showMessage({ icon: "warning", label: "Search failed", detail: textOf(error) });
    }
  }
}

function unavailable(state: ServerState): Message {
  const detail = whyUnavailable(state);
  return state.kind === "starting"
    ? { icon: "loading~spin", label: "Starting…", detail }
    : { icon: "warning", label: "Search is not available", detail };
}
