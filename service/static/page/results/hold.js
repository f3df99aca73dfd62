/** `<dance-hold>`: one hold or near miss, opened: what was measured against what is wanted. */

import { button, element } from "../dom.js";
import { ROOT } from "../server/calls.js";
import { clock, descriptionOf, named, number, text } from "../texts.js";
import { capital, measured, nearly, quantityName, toDoForRoom } from "./advice.js";
import { curveOf } from "./curve.js";

/** @typedef {import("../server/types.js").Answer} Answer */
/** @typedef {import("../server/types.js").Condition} Condition */
/** @typedef {import("../server/types.js").Hold} Hold */
/** @typedef {import("../server/types.js").NearMiss} NearMiss */

/** Seconds before and after a hold that its curves show. */
const AROUND = 1;

/** How many conditions are told at once, where no more are off: those with the least to spare. */
const TELLING = 3;

/** The score below which a hold is only just one: 0.5 is at the bound. */
const BARELY = 0.6;

/** Event: `loop` with the hold. */
export class DanceHold extends HTMLElement {
  #curve = element("div");

  /**
   * Open a hold.
   *
   * @param {Answer} answer it is of
   * @param {Hold | NearMiss} hold
   * @param {import("../server/types.js").Pose | undefined} pose the catalogue's
   */
  open(answer, hold, pose) {
    const name = named(hold);
    const drawing =
      pose?.drawing &&
      element("img", { className: "drawing", src: new URL(pose.drawing, ROOT).href, alt: "" });
    const misses = "off" in hold;
    const told = misses
      ? nearly(hold, name)
      : text("hold.told", {
          seconds: number(hold.end - hold.start, 1),
          score: number(hold.score * 100),
        });
    // What is furthest off, or has the least to spare, first.
    const conditions = [...hold.conditions].sort((one, other) => spare(one) - spare(other));
    const curves = conditions.filter(({ quantity }) => quantity in answer.angles);
    const telling = Math.max(conditions.filter(({ held }) => !held).length, TELLING);
    const list = (/** @type {Condition[]} */ some) =>
      element(
        "ul",
        { className: "conditions" },
        ...some.map((condition) => this.#row(answer, hold, condition)),
      );
    const rest = conditions.slice(telling);
    this.className = "card";
    this.replaceChildren(
      element("h2", { tabIndex: -1 }, name),
      element(
        "p",
        { className: "soft" },
        text("hold.when", { start: clock(hold.start), end: clock(hold.end), best: hold.best }),
      ),
      element(
        "div",
        { className: "hold" },
        element("div", {}, drawing || null, pose && element("p", {}, descriptionOf(pose))),
        element(
          "div",
          {},
          element("p", { className: misses ? "hint card" : "told" }, told),
          !misses &&
            hold.score < BARELY &&
            element(
              "p",
              { className: "hint card" },
              text("hold.barely", { advice: toDoForRoom(conditions[0]) }),
            ),
          list(conditions.slice(0, telling)),
          rest.length > 0 &&
            element(
              "details",
              {},
              element("summary", {}, text("hold.rest", { count: rest.length })),
              list(rest),
            ),
          !misses && element("p", { className: "soft" }, text("hold.score")),
        ),
        this.#curve,
      ),
      element(
        "div",
        { className: "buttons" },
        button(text("hold.loop"), () =>
          this.dispatchEvent(new CustomEvent("loop", { detail: hold })),
        ),
      ),
    );
    this.#draw(answer, hold, curves[0]);
  }

  /**
   * @param {Answer} answer
   * @param {Hold} hold
   * @param {Condition} condition
   */
  #row(answer, hold, condition) {
    const shown = condition.value === null ? "unknown" : condition.held ? "held" : "off";
    const mark = { held: "✓", off: "✗", unknown: "?" }[shown];
    return element(
      "li",
      { className: shown },
      element("span", { className: "mark", "aria-hidden": "true" }, mark),
      element("span", {}, measured(condition)),
      condition.quantity in answer.angles &&
        button(text("hold.curve"), () => this.#draw(answer, hold, condition), {
          className: "small",
          "aria-label": text("hold.curve.of", { quantity: quantityName(condition.quantity) }),
        }),
    );
  }

  /**
   * @param {Answer} answer
   * @param {Hold} hold
   * @param {Condition | undefined} condition none where no angle is asked for
   */
  #draw(answer, hold, condition) {
    this.#curve.replaceChildren();
    if (!condition) return;
    const frames = answer.times
      .map((time, frame) => ({ time, frame }))
      .filter(({ time }) => time >= hold.start - AROUND && time <= hold.end + AROUND);
    const quantity = capital(quantityName(condition.quantity));
    const values = frames.map(({ frame }) => answer.angles[condition.quantity][frame]);
    this.#curve.append(
      element("h3", {}, text("hold.curve.title", { quantity })),
      curveOf({
        times: frames.map(({ time }) => time),
        values,
        low: condition.low,
        high: condition.high,
        marked: hold,
        label: text("hold.curve.label", {
          quantity: quantityName(condition.quantity),
          told: measured(condition),
        }),
      }),
      element("p", { className: "soft" }, text("hold.curve.key")),
    );
  }
}

/**
 * @param {Condition} condition
 * @returns {number} how much of its room it leaves, less than 0 out of its bounds
 */
function spare({ value, low, high, unit }) {
  if (value === null) return Infinity;
  const room = Math.min(
    low === null ? Infinity : value - low,
    high === null ? Infinity : high - value,
  );
  // Degrees and lengths are as near to each other as in the service's own slack.
  return unit === "degrees" ? room / 10 : room / 0.1;
}

customElements.define("dance-hold", DanceHold);
