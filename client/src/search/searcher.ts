/** From what is typed to what is shown: an answer, or a message that says why there is none. */
import type { Answer } from "../protocol";
import { searchRequest } from "../requests";
import type { Server } from "../server/server";
import { whyUnavailable, type ServerState } from "../server/state";
import { setting } from "../settings";
import { Latest } from "./latest";
import { nothing, welcome, type Message } from "./messages";
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
    if (state.kind !== "running") {
      this.say(unavailable(state));
    } else if (parseQuery(typed).query === "") {
      this.say(welcome(state.status?.coverage));
    } else {
      this.latest.run(delayMs, (signal) => this.search(typed, explain, signal));
    }
  }

  cancel(): void {
    this.latest.cancel();
  }

  private say(message: Message): void {
    this.cancel();
    this.show({ answer: undefined, message });
  }

  private async search(typed: string, explain: boolean, signal: AbortSignal): Promise<void> {
    const query = parseQuery(typed);
    const { mode = setting("search.mode") } = query;
    const params = { query: query.query, mode, limit: setting("search.limit"), explain };
    try {
      const answer = await this.server.request(searchRequest, params, signal);
      if (signal.aborted) return;
      this.show(answer.results.length > 0 ? { answer } : { answer, message: nothing(query, answer) });
    } catch (error) {
      if (signal.aborted) return;
      const detail = error instanceof Error ? error.message : String(error);
      this.say({ icon: "warning", label: "The search failed", detail });
    }
  }
}

function unavailable(state: ServerState): Message {
  const detail = whyUnavailable(state);
  return state.kind === "starting"
    ? { icon: "loading~spin", label: "One moment", detail }
    : { icon: "warning", label: "Codekin cannot search now", detail };
}
