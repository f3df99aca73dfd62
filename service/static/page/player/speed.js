/** How fast a video is played. */

import { choice } from "../dom.js";
import { number } from "../texts.js";

/** How fast that may be, times its own speed. */
export const SPEEDS = Object.freeze([0.25, 0.5, 0.75, 1, 1.5, 2]);

/**
 * Give the choice of a speed.
 *
 * @param {(speed: number) => void} onchoice
 * @returns {HTMLSelectElement}
 */
export function choiceOfSpeed(onchoice) {
  const options = SPEEDS.map(
    (speed) =>
      /** @type {[string, string]} */ ([String(speed), `${number(speed, speed % 0.5 ? 2 : 1)} ×`]),
  );
  return choice(options, "1", (value) => onchoice(Number(value)));
}
