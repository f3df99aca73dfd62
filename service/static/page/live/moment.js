/** What the dancer reads and hears at one moment. */

import { named, number, text } from "../texts.js";
import { adviceIn, troubleIn } from "./words.js";

/** @typedef {import("./session.js").Frame} Frame */

/**
 * @typedef {"wait" | "trouble" | "still" | "now" | "good" | "advice" | "hold" | "poses"} Kind
 *
 * @typedef {{ kind: Kind, seconds: number } & import("./words.js").Words} Moment how long the pose
 *     that is practised has been held, and what is said of it
 */

/** @returns {Moment} that the service has told nothing yet */
export function waiting() {
  return moment("wait", text("live.opening"));
}

/** @returns {Moment} that the connection is lost */
export function lost() {
  return moment("wait", text("live.lost"));
}

/**
 * Give the moment of a frame.
 *
 * @param {Frame} frame
 * @param {boolean} begun whether the dancer has stood still in the picture
 * @param {Moment} before
 * @returns {Moment}
 */
export function momentOf({ practise, trouble, poses, landmarks }, begun, before) {
  if (begun && practise?.held) {
    const seconds = text("live.seconds", { seconds: number(practise.seconds, 1) });
    const hold = moment("hold", text("live.hold"), text("live.hold"));
    return { ...hold, seconds: practise.seconds, detail: seconds };
  }
  if (trouble.length) {
    return { kind: "trouble", seconds: 0, ...troubleIn(trouble[0]) };
  }
  // Out of sight for so short that it isn't told yet.
  if (!landmarks) return before.kind === "hold" ? moment("now", "") : before;
  if (!begun) return moment("still", text("live.still"));
  if (practise) {
    const advice = adviceIn(practise);
    if (advice) return { kind: "advice", seconds: 0, ...advice };
    const isMet = before.kind === "advice" || before.kind === "good";
    const name = text("live.now", { pose: named(practise) });
    return isMet ? moment("good", text("live.good")) : moment("now", name);
  }
  const names = [...new Set(poses.map(named))].join(", ");
  return names ? moment("poses", names, names) : moment("now", text("live.no-pose-yet"));
}

/**
 * @param {Kind} kind
 * @param {string} sentence
 * @param {string | null} [spoken]
 * @returns {Moment}
 */
function moment(kind, sentence, spoken = null) {
  return { kind, sentence, detail: "", spoken, seconds: 0 };
}
