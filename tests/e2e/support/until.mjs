// Asks again until the answer is truthy, or a deadline has passed.
const AGAIN_MS = 50;
/** For one thing that is waited for, on a machine that has much else to do: whoever gets the answer sooner waits no longer. */
export const DEADLINE_MS = 90_000;

export async function until(ask, what, timeoutMs = DEADLINE_MS) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`Waited ${timeoutMs / 1000} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
