/** Which moment of the reference belongs to which of the dancer. */

/** @typedef {import("./types.js").Both} Both */
/** @typedef {import("./types.js").Difference} Difference */

/** Seconds over which the pace is taken: moments are told as frames, so it jumps between two. */
const STEADY = 0.5;

/**
 * @typedef {object} Step
 * @property {(time: number) => number} theirs the second of the reference at one of the dancer's
 *     video; may lie outside of its video
 * @property {(time: number) => number} pace how fast the reference goes on then, times the dancer
 */

/**
 * Keep step: straight from moment to moment, and at the common tempo before the first and after
 * the last.
 *
 * @param {Both} compared
 * @param {Difference[]} differences in their order
 * @returns {Step}
 */
export function inStep(compared, differences) {
  const moments = [
    [compared.start, compared.reference_start],
    ...differences.map(({ time, reference_time }) => [time, reference_time]),
    [compared.end, compared.reference_end],
  ].filter(([time], index, all) => index === 0 || time > all[index - 1][0]);
  const [first, last] = [moments[0], moments[moments.length - 1]];
  const tempo = last[0] > first[0] ? (last[1] - first[1]) / (last[0] - first[0]) : 1;

  /** @param {number} time */
  const theirs = (time) => {
    if (time <= first[0]) return first[1] + (time - first[0]) * tempo;
    if (time >= last[0]) return last[1] + (time - last[0]) * tempo;
    const next = moments.findIndex((moment) => moment[0] > time);
    const [[begin, from], [end, to]] = [moments[next - 1], moments[next]];
    return from + ((time - begin) / (end - begin)) * (to - from);
  };
  return {
    theirs,
    pace: (time) => (theirs(time + STEADY / 2) - theirs(time - STEADY / 2)) / STEADY,
  };
}
