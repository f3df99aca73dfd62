/** What is on its way to the service: shown until it is done, cancelled, or goes wrong. */

import { button, element } from "../dom.js";
import { Problem } from "../server/problem.js";
import { text } from "../texts.js";
import { DanceSending } from "./sending.js";

/** The kind of what the visitor has ended. */
const CANCELLED = "cancelled";

/** The kinds of problems that a video has for good. */
const LASTING = new Set([
  ...["undecodable", "over-limit", "upload-too-large", "empty-file", "too-much-memory"],
  ...["bad-form", "bad-option", "unreadable", CANCELLED],
]);

/**
 * Show how far something is that the service does.
 *
 * @template Result
 * @param {HTMLElement} work the place for it
 * @param {(sending: DanceSending, signal: AbortSignal) => Promise<Result>} send does it, telling the
 *     element how far it is, until the signal ends it
 * @param {AbortSignal[]} ends what else ends it
 * @returns {Promise<Result>}
 * @throws {Problem} also where it is cancelled
 */
export async function onItsWay(work, send, ...ends) {
  const cancelled = new AbortController();
  const sending = new DanceSending();
  sending.addEventListener("cancel", () => cancelled.abort());
  work.replaceChildren(sending);
  sending.querySelector("h2")?.focus();
  const stay = (/** @type {Event} */ event) => event.preventDefault();
  addEventListener("beforeunload", stay);
  try {
    return await send(sending, AbortSignal.any([...ends, cancelled.signal]));
  } catch (problem) {
    throw cancelled.signal.aborted ? new Problem(CANCELLED, text("sending.cancelled")) : problem;
  } finally {
    removeEventListener("beforeunload", stay);
  }
}

/**
 * Say what went wrong.
 *
 * @param {unknown} problem
 * @param {() => void} [again] what may be tried again
 * @returns {HTMLElement} that can be focused
 */
export function complaint(problem, again) {
  const cancelled = problem instanceof Problem && problem.kind === CANCELLED;
  const sentence = problem instanceof Error ? problem.message : String(problem);
  return element(
    "div",
    { className: `card ${cancelled ? "hint" : "problem"}`, role: "alert", tabIndex: -1 },
    element("p", {}, sentence),
    again && mayBeTried(problem) && button(text("again"), again),
  );
}

/** @param {unknown} problem @returns {boolean} whether it may go well another time */
function mayBeTried(problem) {
  return problem instanceof Problem && !LASTING.has(problem.kind);
}
