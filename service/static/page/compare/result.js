/** How the two differ, with both beside each other. */

import { element } from "../dom.js";
import { videoOf } from "../results/videos.js";
import { text } from "../texts.js";
import { curveOf } from "./curve.js";
import { inStep } from "./step.js";
import { together } from "./together.js";
import { momentsOf, posesOf, sentenceIn, summaryOf, timingOf } from "./told.js";

/** @typedef {import("./form.js").Pair} Pair */
/** @typedef {import("./types.js").Comparison} Comparison */

/**
 * Show how two differ.
 *
 * @param {Comparison} comparison
 * @param {Pair} pair
 * @param {AbortSignal} signal when it is left
 * @returns {HTMLElement}
 */
export function resultOf(comparison, { video, reference }, signal) {
  const heading = element("h2", { tabIndex: -1 }, text("compare.result"));
  if (!comparison.same_dance) {
    return element(
      "div",
      {},
      heading,
      element(
        "div",
        { className: "card hint" },
        element("p", {}, text("compare.other", { part: text("compare.parts") })),
        element(
          "details",
          {},
          element("summary", {}, text("details")),
          sentenceIn("p", comparison.text),
        ),
      ),
    );
  }
  const { compared, differences, mirrored } = comparison;
  const dancer = {
    label: text("compare.dancer"),
    video,
    answer: null,
    seconds: compared.end,
  };
  const theirs =
    reference instanceof File
      ? { video: reference, answer: null, seconds: compared.reference_end }
      : {
          video: videoOf(reference),
          answer: reference.answer,
          seconds: reference.answer.video.duration,
        };
  const both = together(
    dancer,
    { label: text("compare.reference"), ...theirs },
    inStep(compared, differences),
    { mirrored, onTime: (seconds) => curve.show(seconds) },
  );
  const curve = curveOf(comparison, both.seek);
  signal.addEventListener("abort", both.close);
  both.seek(compared.start);
  const seek = (/** @type {number} */ seconds) => {
    both.seek(seconds);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    both.place.scrollIntoView({ block: "nearest", behavior: still ? "auto" : "smooth" });
  };
  return element(
    "div",
    {},
    heading,
    summaryOf(comparison),
    both.place,
    curve.place,
    momentsOf(comparison, seek),
    timingOf(comparison, seek),
    posesOf(comparison, seek),
  );
}
