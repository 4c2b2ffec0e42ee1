/** Searches for the typed text and reports an answer, or messages that say why there is none. */
import * as l10n from "@vscode/l10n";
import { textOf } from "../errors";
import type { Answer, SearchParams } from "../protocol";
import { searchRequest } from "../requests";
import type { Server } from "../server/server";
import { setting } from "../settings";
import { Latest } from "./query/latest";
import { more, noResults, resume, suggestion, unavailable, welcome, withoutFilters, type Message } from "./messages";
import { searchParams } from "./query/params";
import { parseQuery } from "./query/query";

/** `messages` follow the results. `isEmpty` means that there was nothing to search for. */
export interface Outcome {
  answer: Answer | undefined;
  messages: readonly Message[];
  isEmpty?: boolean;
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
      this.showMessages(unavailable(state));
    } else if (params === undefined) {
      this.showMessages([welcome(state.status?.coverage)], true);
    } else {
      const limit = setting("search.limit");
      this.latest.run(delayMs, (signal) => this.search(typed, { ...params, limit, explain }, signal));
    }
  }

  /** Searches now if the search waits for a pause in typing. */
  hurry(): void {
    this.latest.flush();
  }

  cancel(): void {
    this.latest.cancel();
  }

  private showMessages(messages: readonly Message[], isEmpty = false): void {
    this.cancel();
    this.show({ answer: undefined, messages, isEmpty });
  }

  private async search(typed: string, params: SearchParams & { limit: number }, signal: AbortSignal): Promise<void> {
    try {
      const answer = await this.server.request(searchRequest, params, signal);
      if (signal.aborted) return;
      const { state } = this.server;
      const status = state.kind === "running" ? state.status : undefined;
      const paused = resume(status, answer);
      if (answer.results.length > 0) {
        this.show({ answer, messages: [...more(typed, answer, params.limit), ...paused] });
        return;
      }
      const none = nothing(typed, answer, paused.length > 0);
      // What a large first index costs is read before Enter starts it.
      this.show({ answer, messages: status?.estimate ? [...none, ...paused] : [...paused, ...none] });
    } catch (error) {
      if (signal.aborted) return;
      const failure = { icon: "warning", label: l10n.t("Search failed"), detail: textOf(error) };
      this.showMessages([failure, ...withoutFilters(typed)]);
    }
  }
}

function nothing(typed: string, answer: Answer, paused: boolean): Message[] {
  return [noResults(parseQuery(typed), answer, paused), ...suggestion(typed, answer), ...withoutFilters(typed)];
}
