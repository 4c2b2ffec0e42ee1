/** From what is typed to what is shown: an answer, or a message that says why there is none. */
import { textOf } from "../errors";
import type { Answer, SearchParams } from "../protocol";
import { searchRequest } from "../requests";
import type { Server } from "../server/server";
import { whyUnavailable, type ServerState } from "../server/state";
import { setting } from "../settings";
import { Latest } from "./latest";
import { nothing, welcome, type Message } from "./messages";
import { searchParams } from "./params";
import { parseQuery } from "./query";

/** `message` stands in the place of results. */
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

  /** Only the newest call is answered, after `delayMs` without another. */
  ask(typed: string, explain: boolean, delayMs: number): void {
    const { state } = this.server;
    const params = searchParams(typed);
    if (state.kind !== "running") {
      this.say(unavailable(state));
    } else if (params === undefined) {
      this.say(welcome(state.status?.coverage));
    } else {
      this.latest.run(delayMs, (signal) =>
        this.search(typed, { ...params, limit: setting("search.limit"), explain }, signal),
      );
    }
  }

  cancel(): void {
    this.latest.cancel();
  }

  private say(message: Message): void {
    this.cancel();
    this.show({ answer: undefined, message });
  }

  private async search(typed: string, params: SearchParams, signal: AbortSignal): Promise<void> {
    try {
      const answer = await this.server.request(searchRequest, params, signal);
      if (signal.aborted) return;
      this.show(answer.results.length > 0 ? { answer } : { answer, message: nothing(parseQuery(typed), answer) });
    } catch (error) {
      if (signal.aborted) return;
      this.say({ icon: "warning", label: "The search failed", detail: textOf(error) });
    }
  }
}

function unavailable(state: ServerState): Message {
  const detail = whyUnavailable(state);
  return state.kind === "starting"
    ? { icon: "loading~spin", label: "One moment", detail }
    : { icon: "warning", label: "Codekin cannot search now", detail };
}
