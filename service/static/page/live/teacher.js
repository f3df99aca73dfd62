/** Who speaks: what is told at each moment, when it is worth saying. */

/** @typedef {import("./moment.js").Moment} Moment */

import { number, text } from "../texts.js";

/** After so long a sentence that still stands is said again, in milliseconds. */
const REMINDER = 8000;

/** A hold of fewer seconds is no more than a try. */
const SHORTEST = 1;

/**
 * @param {import("./voice.js").Voice} voice
 * @returns {(moment: Moment, before: Moment) => void} to be told each moment, with the one before
 */
export function newTeacher(voice) {
  let last = "";
  let since = 0;
  return (moment, before) => {
    if (before.kind === "hold" && moment.kind !== "hold" && before.seconds >= SHORTEST) {
      voice.sayNow(text("live.held", { seconds: number(before.seconds, 1) }));
    }
    const spoken = moment.spoken ?? "";
    const now = performance.now();
    if (spoken === last && (now - since < REMINDER || moment.kind !== "advice")) return;
    [last, since] = [spoken, now];
    if (!spoken) voice.drop();
    else if (moment.kind === "hold") voice.sayNow(spoken);
    else voice.say(spoken);
  };
}
