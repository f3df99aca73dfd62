/** A screen that doesn't go dark while somebody dances before it. */

/**
 * Keep the screen on; where the browser can't, it goes dark as ever.
 *
 * @param {AbortSignal} signal that ends it
 */
export function keepAwake(signal) {
  if (!("wakeLock" in navigator)) return;
  const hold = async () => {
    if (document.visibilityState !== "visible") return;
    const lock = await navigator.wakeLock.request("screen").catch(() => null);
    const release = () => void lock?.release();
    signal.addEventListener("abort", release);
    if (signal.aborted) release();
  };
  // Browsers take it away from a page that isn't seen.
  document.addEventListener("visibilitychange", hold, { signal });
  void hold();
}
