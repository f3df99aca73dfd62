/** The start without hands: it begins once the dancer stands still in the picture. */

/** @typedef {import("../server/types.js").Landmark} Landmark */

/** For so many seconds the dancer stands still. */
export const STILL_SECONDS = 1.5;

/** So far landmarks tremble and who stands sways, as a part of the dancer's length. */
const SWAY = 0.08;

/** The shoulders, wrists, hips and ankles. */
const WATCHED = [11, 12, 15, 16, 23, 24, 27, 28];

/**
 * How it stands: since when the dancer is still, and where that was.
 *
 * @typedef {{ begun: boolean, since: number, places: [x: number, y: number][] | null }} Start
 */

/** @returns {Start} before anybody is seen */
export function notYet() {
  return { begun: false, since: 0, places: null };
}

/**
 * Say how it stands after another frame; once begun, it stays so.
 *
 * @param {Start} start how it stood
 * @param {{ time: number, landmarks: Landmark[] | null, trouble: unknown[] }} frame
 * @param {number} ratio of the picture's width to its height
 * @returns {Start}
 */
export function after(start, { time, landmarks, trouble }, ratio) {
  if (start.begun) return start;
  if (!landmarks || trouble.length) return notYet();
  /** @type {[x: number, y: number][]} */
  const places = WATCHED.map((index) => [landmarks[index][0] * ratio, landmarks[index][1]]);
  if (!start.places || moved(start.places, places) > SWAY * length(landmarks, ratio)) {
    return { begun: false, since: time, places };
  }
  return { ...start, begun: time - start.since >= STILL_SECONDS };
}

/**
 * @param {[x: number, y: number][]} before
 * @param {[x: number, y: number][]} now
 * @returns {number} how far that moved which moved most, in heights of the picture
 */
function moved(before, now) {
  return Math.max(
    ...now.map(([x, y], index) => Math.hypot(x - before[index][0], y - before[index][1])),
  );
}

/**
 * @param {Landmark[]} landmarks
 * @param {number} ratio
 * @returns {number} how long the dancer is, in heights of the picture
 */
function length(landmarks, ratio) {
  const [across, down] = [landmarks.map(([x]) => x * ratio), landmarks.map(([, y]) => y)];
  return Math.max(...[across, down].map((each) => Math.max(...each) - Math.min(...each)));
}
