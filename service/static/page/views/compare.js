/** The view that compares a dancer with a reference. */

import { compared } from "../compare/asking.js";
import { formOf } from "../compare/form.js";
import { resultOf } from "../compare/result.js";
import { button, element } from "../dom.js";
import { styled } from "../look.js";
import { all } from "../results/store.js";
import { DanceSending } from "../sending/sending.js";
import { text } from "../texts.js";

/** @typedef {import("../compare/form.js").Pair} Pair */

/**
 * @param {HTMLElement} place
 * @param {string} rest the id of an earlier result to compare with, or nothing
 * @param {AbortSignal} signal
 */
export async function show(place, rest, signal) {
  const [history] = await Promise.all([all(), styled("compare.css")]);
  if (signal.aborted) return;
  const work = element("div", { className: "compare" });
  const form = formOf(history, rest, (pair) => take(work, pair, form, signal));
  work.append(form);
  place.append(
    element("h1", {}, text("compare.title")),
    element("p", {}, text("compare.lead")),
    work,
  );
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
  const cancelled = new AbortController();
  const signal = AbortSignal.any([left, cancelled.signal]);
  const sending = new DanceSending();
  sending.addEventListener("cancel", () => cancelled.abort());
  work.replaceChildren(sending);
  sending.querySelector("h2")?.focus();
  const stay = (/** @type {Event} */ event) => event.preventDefault();
  addEventListener("beforeunload", stay);
  try {
    const comparison = await compared(
      pair,
      {
        onSent: (sent, of) => sending.sent(sent, of),
        // Whose pose it is, isn't told.
        onEvent: (event) => event.event !== "pose" && sending.heard(event),
      },
      signal,
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
    if (left.aborted) return;
    const again = () => take(work, pair, form, left);
    offer(work, form, cancelled.signal.aborted ? undefined : complaint(problem, again));
  } finally {
    removeEventListener("beforeunload", stay);
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

/**
 * @param {unknown} problem
 * @param {() => void} again
 * @returns {HTMLElement}
 */
function complaint(problem, again) {
  const sentence = problem instanceof Error ? problem.message : String(problem);
  return element(
    "div",
    { className: "card problem", role: "alert", tabIndex: -1 },
    element("p", {}, sentence),
    button(text("compare.again"), again),
  );
}
