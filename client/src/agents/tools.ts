/**
 * Tools for chat in agent mode, which finds them without configuration. VS Code has them since 1.95;
 * older versions have none.
 */
import * as vscode from "vscode";
import type { Answer } from "../protocol";
import { relatedRequest, searchRequest } from "../requests";
import { answerText } from "./text";
import type { Server } from "../server/server";

const LIMIT = 10;

interface Tool<Input> {
  invoke(options: { input: Input }, token: vscode.CancellationToken): Promise<unknown>;
}

/** The part of the API that is newer than the types of the oldest supported version. */
interface NewerApi {
  lm?: { registerTool?<Input>(name: string, tool: Tool<Input>): vscode.Disposable };
  LanguageModelTextPart: new (text: string) => unknown;
  LanguageModelToolResult: new (parts: unknown[]) => unknown;
}

interface SearchInput {
  query: string;
  limit?: number;
}

interface RelatedInput {
  path: string;
  line: number;
  endLine?: number;
}

export function registerAgentTools(server: Server): vscode.Disposable {
  const api = vscode as unknown as NewerApi;
  const models = api.lm;
  if (models?.registerTool === undefined) return vscode.Disposable.from();
  const toolOf = <Input>(ask: (input: Input, signal: AbortSignal) => Promise<Answer>): Tool<Input> => ({
    invoke: async ({ input }, token) => {
      const controller = new AbortController();
      const cancelling = token.onCancellationRequested(() => controller.abort());
      try {
        const text = answerText(await ask(input, controller.signal));
        return new api.LanguageModelToolResult([new api.LanguageModelTextPart(text)]);
      } finally {
        cancelling.dispose();
      }
    },
  });
  const search = toolOf<SearchInput>(({ query, limit = LIMIT }, signal) =>
    server.request(searchRequest, { query, limit }, signal),
  );
  const related = toolOf<RelatedInput>(({ path, line, endLine = line }, signal) => {
    const range = { start: { line: line - 1, character: 0 }, end: { line: endLine, character: 0 } };
    return server.request(relatedRequest, { textDocument: { uri: uriOf(path) }, range, limit: LIMIT }, signal);
  });
  return vscode.Disposable.from(
    models.registerTool("codekin_search", search),
    models.registerTool("codekin_related", related),
  );
}

/** Returns the URI of a path, which is absolute or relative to the first folder that has it. */
function uriOf(path: string): string {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const named = folders.find(({ name }) => folders.length > 1 && path.startsWith(`${name}/`));
  if (named) return vscode.Uri.joinPath(named.uri, path.slice(named.name.length + 1)).toString();
  const [first] = folders;
  const isAbsolute = /^(?:\/|[A-Za-z]:[\\/])/.test(path);
  return (isAbsolute || first === undefined ? vscode.Uri.file(path) : vscode.Uri.joinPath(first.uri, path)).toString();
}
