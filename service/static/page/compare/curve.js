/** How far the two are apart, drawn over the time of the dance. */

import { drawn, element } from "../dom.js";
import { clock, number, text } from "../texts.js";

/** @typedef {import("./types.js").Alike} Alike */
/** @typedef {import("./types.js").Difference} Difference */

/** The drawing's own units; it is as wide as there is room. */
const [WIDTH, HEIGHT] = [1000, 100];

/** Degrees that are drawn at least, so that little doesn't look like much. */
const LEAST = 30;

/** Seconds between two that are told, from which on nothing is known between them. */
const GAP = 0.25;

/**
 * @typedef {object} Curve
 * @property {HTMLElement} place
 * @property {(seconds: number) => void} show where the dancer's video is
 */

/**
 * Draw how far the two are apart.
 *
 * @param {Alike} comparison
 * @param {(seconds: number) => void} onSeek told the second of the dancer's video that is pressed;
 *     by keys the lists of moments do the same
 * @returns {Curve}
 */
export function curveOf({ compared, differences, moments }, onSeek) {
  const length = Math.max(compared.end - compared.start, 0.1);
  const highest = differences.reduce(
    (worst, each) => (each.degrees > worst.degrees ? each : worst),
    { time: compared.start, degrees: 0 },
  );
  const top = Math.max(LEAST, highest.degrees);
  /** @param {number} time */
  const across = (time) => ((time - compared.start) / length) * WIDTH;
  /** @param {number} degrees */
  const down = (degrees) => HEIGHT * (1 - degrees / top);
  const described = { degrees: number(highest.degrees), time: clock(highest.time) };
  const head = drawn("line", { class: "head", x1: 0, x2: 0, y1: 0, y2: HEIGHT });
  const picture = drawn(
    "svg",
    {
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": text("compare.curveMost", described),
    },
    ...moments.map(({ start, end }) =>
      drawn("rect", {
        class: "moment",
        x: across(start),
        y: 0,
        width: Math.max(across(end) - across(start), 2),
        height: HEIGHT,
      }),
    ),
    drawn("path", { class: "apart", d: pathOf(differences, across, down) }),
    head,
  );
  /** @param {PointerEvent} event */
  const seek = ({ clientX }) => {
    const { left, width } = picture.getBoundingClientRect();
    const part = Math.min(Math.max((clientX - left) / width, 0), 1);
    onSeek(compared.start + part * length);
  };
  picture.addEventListener("pointerdown", (event) => {
    picture.setPointerCapture(event.pointerId);
    seek(event);
  });
  picture.addEventListener("pointermove", (event) => {
    if (picture.hasPointerCapture(event.pointerId)) seek(event);
  });
  return {
    place: element(
      "figure",
      { className: "curve" },
      element("figcaption", {}, text("compare.curve")),
      element("span", { className: "soft" }, text("compare.degrees", { degrees: number(top) })),
      picture,
      element(
        "div",
        { className: "ends soft" },
        element("span", {}, clock(compared.start)),
        element("span", {}, clock(compared.end)),
      ),
    ),
    show: (seconds) => {
      const place = Math.min(Math.max(across(seconds), 0), WIDTH);
      head.setAttribute("x1", String(place));
      head.setAttribute("x2", String(place));
    },
  };
}

/**
 * @param {Difference[]} differences
 * @param {(time: number) => number} across
 * @param {(degrees: number) => number} down
 * @returns {string} a path, with gaps where nothing is known
 */
function pathOf(differences, across, down) {
  return differences
    .map(({ time, degrees }, index) => {
      const goesOn = index > 0 && time - differences[index - 1].time < GAP;
      return `${goesOn ? "L" : "M"}${across(time).toFixed(1)} ${down(degrees).toFixed(1)}`;
    })
    .join("");
}
