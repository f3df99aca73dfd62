/** Curves of what is measured, with the bounds as a band. */

import { drawn } from "../dom.js";
import { clock, number } from "../texts.js";

const [WIDTH, HEIGHT, LEFT, BOTTOM] = [320, 130, 34, 18];

/**
 * @typedef {object} Curve
 * @property {number[]} times seconds
 * @property {(number | null)[]} values null where unknown
 * @property {number | null} low
 * @property {number | null} high
 * @property {{ start: number, end: number } | null} marked what is shown darker
 * @property {string} label what it shows, for those who don't see it
 * @property {(time: number) => string} [timeLabel]
 */

/**
 * Draw a curve.
 *
 * @param {Curve} curve
 * @returns {SVGSVGElement}
 */
export function curveOf({ times, values, low, high, marked, label, timeLabel = clock }) {
  const known = values.filter((value) => value !== null);
  const ends = [...known, low, high].filter((value) => value !== null);
  const spare = (Math.max(...ends) - Math.min(...ends)) * 0.1 || 1;
  const [bottom, top] = [Math.min(...ends) - spare, Math.max(...ends) + spare];
  const [first, last] = [times[0], times[times.length - 1]];
  /** @param {number} time */
  const x = (time) => LEFT + ((time - first) / (last - first || 1)) * (WIDTH - LEFT - 4);
  /** @param {number} value */
  const y = (value) => 4 + ((top - value) / (top - bottom)) * (HEIGHT - BOTTOM - 4);
  const parts = [];
  if (marked) {
    const [from, to] = [x(Math.max(marked.start, first)), x(Math.min(marked.end, last))];
    parts.push(
      drawn("rect", {
        class: "held",
        x: from,
        y: 4,
        width: Math.max(to - from, 1),
        height: HEIGHT - BOTTOM - 4,
      }),
    );
  }
  if (low !== null || high !== null) {
    const [upper, lower] = [y(high ?? top), y(low ?? bottom)];
    parts.push(
      drawn("rect", {
        class: "band",
        x: LEFT,
        y: upper,
        width: WIDTH - LEFT - 4,
        height: Math.max(lower - upper, 1),
      }),
    );
  }
  parts.push(
    drawn("path", {
      class: "line",
      d: pathOf(
        times.map(x),
        values.map((value) => (value === null ? null : y(value))),
      ),
    }),
  );
  if (known.length <= 40) {
    times.forEach((time, at) => {
      const value = values[at];
      if (value !== null)
        parts.push(drawn("circle", { class: "point", cx: x(time), cy: y(value), r: 2.5 }));
    });
  }
  const digits = top - bottom < 5 ? 2 : 0;
  const bounds = [low, high].filter((bound) => bound !== null);
  for (const value of bounds.length > 0 ? bounds : [Math.min(...known), Math.max(...known)]) {
    parts.push(
      drawn("text", { x: LEFT - 4, y: y(value) + 4, class: "number end" }, number(value, digits)),
    );
  }
  parts.push(drawn("text", { x: LEFT, y: HEIGHT - 4, class: "number" }, timeLabel(first)));
  parts.push(drawn("text", { x: WIDTH - 4, y: HEIGHT - 4, class: "number end" }, timeLabel(last)));
  return drawn(
    "svg",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label, class: "curve" },
    ...parts,
  );
}

/**
 * @param {number[]} across
 * @param {(number | null)[]} down
 * @returns {string} a path that is broken where nothing is known
 */
function pathOf(across, down) {
  let path = "";
  let broken = true;
  down.forEach((value, at) => {
    if (value !== null) path += `${broken ? "M" : "L"}${across[at].toFixed(1)} ${value.toFixed(1)}`;
    broken = value === null;
  });
  return path;
}
