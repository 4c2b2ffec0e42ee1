// Polls until a condition is met or a deadline passes.
const POLL_INTERVAL_MS = 50;
/** Limit for one condition, generous because the machine may be busy. */
export const DEADLINE_MS = Number(process.env.CODEKIN_E2E_DEADLINE_MS ?? 90_000);

export async function until(ask, what, timeoutMs = DEADLINE_MS) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`Waited ${timeoutMs / 1000} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS));
  }
}
