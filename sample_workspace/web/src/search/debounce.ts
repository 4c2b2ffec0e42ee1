/** Runs an action once somebody has stopped typing for a while; the timer starts again with every key. */
export function debounce<A extends unknown[]>(action: (...args: A) => void, quietMs: number): (...args: A) => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...args), quietMs);
  };
}
