// Creates a git history in a workspace.
import { execFileSync } from "node:child_process";

const NOBODY = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };

/** Initializes a repository. `commit` commits all changes. Its `date` has the form "2026-02-10". */
export function startRepository(folder) {
  const git = (args, variables = {}) =>
    execFileSync("git", args, { cwd: folder, stdio: "ignore", env: { ...process.env, ...NOBODY, ...variables } });
  git(["init", "--quiet"]);
  return {
    git,
    commit(name, date, message) {
      const when = `${date}T12:00:00Z`;
      const who = ["-c", `user.name=${name}`, "-c", `user.email=${name.toLowerCase()}@example.com`];
      git(["add", "--all"]);
      git([...who, "commit", "--quiet", "--date", when, "--message", message], { GIT_COMMITTER_DATE: when });
    },
  };
}
