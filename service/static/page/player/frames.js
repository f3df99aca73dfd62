/** Which frame is shown at which time. */

/**
 * Give the frame that is shown from a time on.
 *
 * @param {number[]} times seconds of each frame, in order; one at least
 * @param {number} time that of a frame, rounded by whoever tells it
 * @returns {number} the one whose time is nearest
 */
export function frameAt(times, time) {
  let [low, high] = [0, times.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < time) low = middle + 1;
    else high = middle;
  }
  return low > 0 && time - times[low - 1] <= times[low] - time ? low - 1 : low;
}

/**
 * Give the frame that is shown at a time.
 *
 * @param {number[]} times
 * @param {number} time any
 * @returns {number} the last one that has begun
 */
export function shownAt(times, time) {
  const near = frameAt(times, time);
  return near > 0 && times[near] > time ? near - 1 : near;
}

/**
 * Give the middle of the time in which a frame is shown: who seeks there sees it, however times are
 * rounded.
 *
 * @param {number[]} times
 * @param {number} frame
 * @returns {number} seconds
 */
export function middleOf(times, frame) {
  const at = Math.min(Math.max(frame, 0), times.length - 1);
  const step = at + 1 < times.length ? times[at + 1] - times[at] : 0.02;
  // A pause is no frame that is shown for long.
  return times[at] + Math.min(step, 0.1) / 2;
}
