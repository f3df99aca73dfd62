/** `<dance-timeline>`: the clip with a row a pose, holds as bars, and where the video is. */

import { element } from "../dom.js";
import { clock, named, number, text } from "../texts.js";
import { nearly } from "./advice.js";
import { reasonOf } from "./reason.js";

/** @typedef {import("../server/types.js").Answer} Answer */
/** @typedef {import("../server/types.js").Hold} Hold */
/** @typedef {import("../server/types.js").NearMiss} NearMiss */
/** @typedef {import("../server/types.js").Undecidable} Undecidable */

/**
 * @typedef {{ kind: "hold", found: Hold } | { kind: "near", found: NearMiss }
 *     | { kind: "unknown", found: Undecidable }} Stretch
 */

/**
 * Give all that a timeline shows, by the name of its row, the pose with its side.
 *
 * @param {Answer} answer
 * @returns {Map<string, Stretch[]>} the rows, those with holds first
 */
export function rowsOf(answer) {
  /** @type {Stretch[]} */
  const all = [
    ...answer.segments.map((found) => ({ kind: /** @type {const} */ ("hold"), found })),
    ...answer.near_misses.map((found) => ({ kind: /** @type {const} */ ("near"), found })),
    ...answer.undecidable.map((found) => ({ kind: /** @type {const} */ ("unknown"), found })),
  ];
  // What is held first: it is what somebody looks for.
  const rank = { hold: 0, near: 1, unknown: 2 };
  all.sort(
    (one, other) => rank[one.kind] - rank[other.kind] || one.found.start - other.found.start,
  );
  /** @type {Map<string, Stretch[]>} */
  const rows = new Map();
  for (const stretch of all) {
    const row = "side" in stretch.found ? named(stretch.found) : stretch.found.pose;
    rows.set(row, [...(rows.get(row) ?? []), stretch]);
  }
  return rows;
}

/**
 * Give the holds and near misses.
 *
 * @param {Answer} answer
 * @returns {Stretch[]} in the order in which they begin
 */
export function inTime(answer) {
  return [...rowsOf(answer).values()]
    .flat()
    .filter(({ kind }) => kind !== "unknown")
    .sort((one, other) => one.found.start - other.found.start);
}

/**
 * Tell what a stretch is, in a sentence.
 *
 * @param {Stretch} stretch
 * @returns {string}
 */
export function told(stretch) {
  const { start, end, pose } = stretch.found;
  const when = { start: clock(start), end: clock(end) };
  if (stretch.kind === "unknown") {
    return text("timeline.unknown", { pose, ...when, reason: reasonOf(stretch.found.reason) });
  }
  const name = named(stretch.found);
  if (stretch.kind === "near")
    return text("timeline.near", { ...when, told: nearly(stretch.found, name) });
  return text("timeline.hold", {
    pose: name,
    ...when,
    seconds: number(end - start, 1),
    score: number(stretch.found.score * 100),
  });
}

/** Events: `seek` with seconds, `choose` with a Stretch. */
export class DanceTimeline extends HTMLElement {
  #duration = 0;
  #playhead = element("div", { className: "playhead", "aria-hidden": "true" });
  #reason = element("p", { className: "reason", role: "status" });
  #scrubber = element("input", {
    type: "range",
    min: "0",
    step: "any",
    value: "0",
    "aria-label": text("timeline.position"),
    oninput: () => this.#seek(Number(this.#scrubber.value)),
  });

  /** @param {Answer} answer to be shown */
  open(answer) {
    this.#duration = answer.video.duration;
    this.#scrubber.max = String(this.#duration);
    const rows = [...rowsOf(answer)].map(([name, stretches]) => this.#row(name, stretches));
    this.replaceChildren(
      element(
        "div",
        { className: "rows", onclick: (/** @type {MouseEvent} */ event) => this.#clicked(event) },
        element("div", { className: "row" }, element("span"), this.#scrubber),
        ...rows,
        element("div", { className: "over", "aria-hidden": "true" }, this.#playhead),
      ),
      this.#reason,
    );
    this.at(0);
  }

  /** @param {number} seconds at which the video is */
  at(seconds) {
    this.#playhead.style.left = this.#percent(seconds);
    this.#scrubber.value = String(seconds);
    this.#scrubber.setAttribute("aria-valuetext", clock(seconds));
  }

  /** @param {number} seconds @returns {string} where that is, from the left */
  #percent(seconds) {
    return `${(100 * seconds) / (this.#duration || 1)}%`;
  }

  /** @param {string} name @param {Stretch[]} stretches @returns {HTMLElement} */
  #row(name, stretches) {
    const bars = stretches.map((stretch) => this.#bar(stretch));
    return element(
      "div",
      { className: "row", role: "group", "aria-label": name },
      element("span", { className: "pose" }, name),
      element("div", { className: "track" }, ...bars),
    );
  }

  /** @param {Stretch} stretch @returns {HTMLElement} */
  #bar(stretch) {
    const label = told(stretch);
    const tell = () => (this.#reason.textContent = label);
    const bar = element("button", {
      type: "button",
      className: `bar ${stretch.kind}`,
      title: label,
      "aria-label": label,
      onclick: () => {
        tell();
        this.dispatchEvent(new CustomEvent("choose", { detail: stretch }));
      },
      onfocus: tell,
      onpointerenter: tell,
    });
    bar.style.left = this.#percent(stretch.found.start);
    bar.style.width = this.#percent(stretch.found.end - stretch.found.start);
    return bar;
  }

  /** @param {MouseEvent} event that seeks to where it is, unless it chose a bar */
  #clicked(event) {
    const track = event.target instanceof Element && event.target.closest(".track");
    if (!track || event.target !== track) return;
    const { left, width } = track.getBoundingClientRect();
    this.#seek(((event.clientX - left) / width) * this.#duration);
  }

  /** @param {number} seconds */
  #seek(seconds) {
    this.dispatchEvent(new CustomEvent("seek", { detail: seconds }));
  }
}

customElements.define("dance-timeline", DanceTimeline);
