/** The view that compares a dancer with a reference. */

import { compared } from "../compare/asking.js";
import { formOf } from "../compare/form.js";
import { resultOf } from "../compare/result.js";
import { button, element } from "../dom.js";
import { styled } from "../look.js";
import { all } from "../results/store.js";
import { complaint, onItsWay } from "../sending/way.js";
import { text } from "../texts.js";

/** @typedef {import("../compare/form.js").Pair} Pair */

/**
 * @param {HTMLElement} place
 * @param {string} rest the id of an earlier result to compare with, or nothing
 * @param {AbortSignal} signal
 */
export async function show(place, rest, signal) {
  place.append(element("h1", {}, text("compare.title")), element("p", {}, text("compare.lead")));
  const [history] = await Promise.all([all(), styled("compare.css")]);
  if (signal.aborted) return;
  const work = element("div", { className: "compare" });
  const form = formOf(history, rest, (pair) => take(work, pair, form, signal));
  work.append(form);
  place.append(work);
}

/**
 * Have two compared, and show how they differ.
 *
 * @param {HTMLElement} work
 * @param {Pair} pair
 * @param {HTMLElement} form in which they were chosen
 * @param {AbortSignal} left
 */
async function take(work, pair, form, left) {
  try {
    const comparison = await onItsWay(
      work,
      (sending, signal) => {
        const onSent = sending.sent.bind(sending);
        // Whose pose it is, isn't told.
        const onEvent = (/** @type {import("../server/events.js").ServerEvent} */ event) =>
          event.event !== "pose" && sending.heard(event);
        return compared(pair, { onSent, onEvent }, signal);
      },
      left,
    );
    const over = new AbortController();
    const result = resultOf(comparison, pair, AbortSignal.any([left, over.signal]));
    const others = button(text("compare.others"), () => {
      over.abort();
      offer(work, form);
    });
    work.replaceChildren(result, element("div", { className: "buttons" }, others));
    result.querySelector("h2")?.focus();
  } catch (problem) {
    const again = () => take(work, pair, form, left);
    if (!left.aborted) offer(work, form, complaint(problem, again));
  }
}

/**
 * @param {HTMLElement} work
 * @param {HTMLElement} form
 * @param {HTMLElement} [before] what is said first
 */
function offer(work, form, before) {
  work.replaceChildren(...(before ? [before] : []), form);
  const first = form.querySelector("button");
  (before ?? first)?.focus();
}
