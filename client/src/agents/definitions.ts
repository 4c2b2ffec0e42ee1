/** The MCP server of each workspace folder, as the command that starts it. */
import type { Launch } from "../server/probe";

export interface McpServer {
  label: string;
  command: string;
  args: string[];
  env: Record<string, string>;
}

/**
 * Returns a server for each folder. `options` are the settings that the language server gets, so that
 * both use the same index.
 */
export function mcpServers(
  { command, args }: Launch,
  folders: readonly { name: string; path: string }[],
  options: Readonly<Record<string, unknown>>,
): McpServer[] {
  const program = args.slice(0, args.indexOf("serve"));
  return folders.map(({ name, path }) => ({
    label: folders.length > 1 ? `Codekin: ${name}` : "Codekin",
    command,
    args: [...program, "mcp", path],
    env: environmentOf(options),
  }));
}

/** Returns the environment variables that have the same meaning as settings. */
export function environmentOf(options: Readonly<Record<string, unknown>>): Record<string, string> {
  const variables = Object.entries(options).map(([name, value]) => {
    const variable = `CODEKIN_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
    return [variable, Array.isArray(value) ? value.join(",") : String(value)] as const;
  });
  return Object.fromEntries(variables.filter(([, value]) => value !== ""));
}

/** Returns the Python that runs a server and the arguments before `-m`, or undefined for a command. */
export function pythonOfLaunch({ command, args }: Launch): { command: string; args: string[] } | undefined {
  const module = args.indexOf("-m");
  return module < 0 ? undefined : { command, args: args.slice(0, module) };
}
