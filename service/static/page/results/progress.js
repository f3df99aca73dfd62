/** How a pose has come on over the results of the history. */

import { element } from "../dom.js";
import { locale, named, number, text } from "../texts.js";
import { capital, quantityName } from "./advice.js";
import { curveOf } from "./curve.js";

/** @typedef {import("./store.js").Kept} Kept */
/** @typedef {import("../server/types.js").Condition} Condition */

/**
 * @typedef {object} Step
 * @property {number} time milliseconds since 1970
 * @property {number | null} score the best hold's, null where none is held
 * @property {number} longest seconds
 * @property {Condition[]} conditions of the best hold, or else of the nearest miss
 */

/** @param {Kept[]} history @returns {string[]} the poses in it, with their sides, by name */
export function posesIn(history) {
  const names = history.flatMap(({ answer }) =>
    [...answer.segments, ...answer.near_misses].map(named),
  );
  return [...new Set(names)].sort((one, other) => one.localeCompare(other));
}

/**
 * @param {Kept[]} history
 * @param {string} pose with its side
 * @returns {Step[]} one for each result in which it is held or nearly, the oldest first
 */
export function stepsOf(history, pose) {
  const steps = history.map(({ date, answer }) => {
    const holds = answer.segments.filter((hold) => named(hold) === pose);
    const near = answer.near_misses.filter((miss) => named(miss) === pose);
    const best = bestOf(holds) ?? bestOf(near);
    return {
      time: Date.parse(date),
      score: holds.length > 0 ? Math.max(...holds.map(({ score }) => score)) : null,
      longest: Math.max(0, ...holds.map(({ start, end }) => end - start)),
      conditions: best?.conditions ?? [],
    };
  });
  return steps
    .filter(({ conditions }) => conditions.length > 0)
    .sort((one, other) => one.time - other.time);
}

/** @template {{ score: number }} Found @param {Found[]} found @returns {Found | undefined} */
function bestOf(found) {
  return [...found].sort((one, other) => other.score - one.score)[0];
}

/**
 * Show how a pose has come on.
 *
 * @param {Kept[]} history
 * @param {string} pose with its side
 * @returns {HTMLElement}
 */
export function progressOf(history, pose) {
  const steps = stepsOf(history, pose);
  const day = (/** @type {number} */ time) =>
    new Intl.DateTimeFormat(locale(), { dateStyle: "short" }).format(time);
  const times = steps.map(({ time }) => time);
  const curve = (
    /** @type {string} */ title,
    /** @type {(number | null)[]} */ values,
    /** @type {number | null} */ low = null,
    /** @type {number | null} */ high = null,
  ) =>
    element(
      "figure",
      {},
      element("figcaption", {}, title),
      curveOf({ times, values, low, high, marked: null, label: title, timeLabel: day }),
    );
  const rows = steps.map(({ time, score, longest }) =>
    element(
      "tr",
      {},
      element("td", {}, day(time)),
      element("td", {}, score === null ? text("progress.nearly") : number(score * 100)),
      element("td", {}, number(longest, 1)),
    ),
  );
  const heads = [text("history.date"), text("progress.score"), text("progress.longest")];
  const quantities = steps.at(-1)?.conditions ?? [];
  return element(
    "div",
    {},
    element(
      "table",
      {},
      element(
        "thead",
        {},
        element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head))),
      ),
      element("tbody", {}, ...rows),
    ),
    steps.length > 1 &&
      element(
        "div",
        { className: "curves" },
        curve(
          text("progress.score"),
          steps.map(({ score }) => (score === null ? null : score * 100)),
        ),
        curve(
          text("progress.longest"),
          steps.map(({ longest }) => longest),
        ),
        ...quantities.map((condition) =>
          curve(
            capital(quantityName(condition.quantity)),
            steps.map(({ conditions }) => valueIn(conditions, condition.quantity)),
            condition.low,
            condition.high,
          ),
        ),
      ),
  );
}

/** @param {Condition[]} conditions @param {string} quantity @returns {number | null} */
function valueIn(conditions, quantity) {
  return conditions.find((condition) => condition.quantity === quantity)?.value ?? null;
}
