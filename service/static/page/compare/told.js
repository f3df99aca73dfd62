/** What is told of a comparison: in numbers, and as lists of moments to go to. */

import { button, element } from "../dom.js";
import { all, clock, language, named, number, text } from "../texts.js";

/** @typedef {import("./types.js").Alike} Alike */
/** @typedef {import("./types.js").Became} Became */
/** @typedef {(seconds: number) => void} Seek */

/** How much faster or slower is told, as a part. */
const SAME_TEMPO = 0.02;

/** What is said of what became of a pose. @type {Readonly<Record<Became, import("../texts.js").TextKey>>} */
const BECAME = Object.freeze({
  held: "compare.held",
  longer: "compare.longer",
  shorter: "compare.shorter",
  "other side": "compare.otherSide",
  alike: "compare.alike",
  missed: "compare.missed",
});

/** What is well. @type {ReadonlySet<Became>} */
const WELL = new Set(/** @type {const} */ (["held", "alike"]));

/**
 * Give a sentence of the service, which speaks English.
 *
 * @template {"p" | "span"} Name
 * @param {Name} name of the element
 * @param {string} sentence
 */
export function sentenceIn(name, sentence) {
  return element(name, { lang: language() === "en" ? null : "en" }, sentence);
}

/** @param {Alike} comparison @returns {HTMLElement} */
export function summaryOf({ text: sentence, score, degrees, timing, mirrored }) {
  return element(
    "div",
    { className: "card" },
    // The facts below say the same.
    language() === "en" ? element("p", {}, sentence) : null,
    element(
      "dl",
      {},
      fact(text("compare.score"), text("compare.percent", { percent: number(score * 100) })),
      fact(text("compare.apart"), text("compare.degrees", { degrees: number(degrees, 1) })),
      fact(text("compare.tempo"), tempoOf(timing.tempo_ratio)),
      fact(text("compare.mirror"), text(mirrored ? "compare.yes" : "compare.no")),
    ),
  );
}

/** @param {string} name @param {string} value */
function fact(name, value) {
  return element("div", {}, element("dt", {}, name), element("dd", {}, value));
}

/** @param {number | null} ratio times as fast as the reference @returns {string} */
function tempoOf(ratio) {
  if (ratio === null) return text("compare.tempoUnknown");
  const percent = number(Math.abs(ratio - 1) * 100);
  if (Math.abs(ratio - 1) < SAME_TEMPO) return text("compare.tempoSame");
  return text(ratio > 1 ? "compare.tempoFaster" : "compare.tempoSlower", { percent });
}

/** @param {Alike} comparison @param {Seek} seek @returns {HTMLElement} the worst moments */
export function momentsOf({ moments }, seek) {
  return listOf(
    text("compare.moments"),
    text("compare.noMoments"),
    moments.map((moment) => place(moment.start, seek, ...momentOf(moment))),
  );
}

/** @param {Alike["moments"][number]} moment @returns {(Node | string)[]} what is off in it */
function momentOf({ limb, degrees, start, text: sentence }) {
  if (language() === "en") return [sentence];
  /** @type {Record<string, string>} */
  const limbs = all().limbs;
  const values = {
    limb: limb === null ? text("compare.whole") : (limbs[limb] ?? limb),
    degrees: number(degrees),
    time: clock(start),
  };
  // What to do the service says in English alone.
  return [text("compare.moment", values), " ", sentenceIn("span", sentence)];
}

/** @param {Alike} comparison @param {Seek} seek @returns {HTMLElement} who is ahead, and when */
export function timingOf({ timing }, seek) {
  return listOf(
    text("compare.timing"),
    text(timing.tempo_ratio === null ? "compare.tempoUnknown" : "compare.inTime"),
    timing.off.map(({ start, end, seconds }) =>
      place(
        start,
        seek,
        text(seconds > 0 ? "compare.ahead" : "compare.behind", {
          start: clock(start),
          end: clock(end),
          seconds: number(Math.abs(seconds), 1),
        }),
      ),
    ),
  );
}

/** @param {Alike} comparison @param {Seek} seek @returns {HTMLElement} what became of each pose */
export function posesOf({ poses }, seek) {
  return listOf(
    text("compare.poses"),
    text("compare.noPoses"),
    poses.map((pose) => {
      const became = element(
        "strong",
        { className: WELL.has(pose.result) ? "good" : "bad" },
        text(BECAME[pose.result]),
      );
      const time = pose.start ?? pose.expected;
      return place(time, seek, became, ` ${named(pose)}, ${clock(time)}`);
    }),
  );
}

/**
 * @param {number} seconds of the dancer's video
 * @param {Seek} seek
 * @param {...(Node | string)} label
 * @returns {HTMLElement} what goes there
 */
function place(seconds, seek, ...label) {
  const made = button("", () => seek(seconds));
  made.append(...label);
  return element("li", {}, made);
}

/**
 * @param {string} title
 * @param {string} none what is said where there is nothing
 * @param {HTMLElement[]} items
 * @returns {HTMLElement}
 */
function listOf(title, none, items) {
  return element(
    "section",
    {},
    element("h2", {}, title),
    items.length > 0
      ? element("ul", { className: "places", "aria-label": title }, ...items)
      : element("p", {}, none),
  );
}
