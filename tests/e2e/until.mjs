// Asks again until the answer is truthy, or a deadline has passed.
const AGAIN_MS = 50;

export async function until(ask, what, timeoutMs = 30_000) {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`Waited ${timeoutMs / 1000} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
