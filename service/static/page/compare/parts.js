/** Which part of each video is compared, where it isn't all of it. */

import { element, labelled } from "../dom.js";
import { text } from "../texts.js";

/** The service's names of the seconds; its sentences speak of them. */
const NAMES = /** @type {const} */ (["start", "end", "reference_start", "reference_end"]);

/**
 * @typedef {object} Parts
 * @property {HTMLElement} place
 * @property {() => Record<string, string>} chosen seconds by the service's name, of those that are
 *     limited
 */

/** Ask for the parts. @returns {Parts} */
export function partsOf() {
  const inputs = NAMES.map((name) =>
    element("input", { type: "number", min: "0", step: "any", inputMode: "decimal", name }),
  );
  return {
    place: element(
      "details",
      {},
      element("summary", {}, text("compare.parts")),
      element("p", { className: "soft" }, text("compare.partsWhy")),
      ...inputs.map((input, index) => labelled(text(`compare.part.${NAMES[index]}`), input)),
    ),
    chosen: () =>
      Object.fromEntries(
        inputs.filter(({ value }) => value).map(({ name, value }) => [name, value]),
      ),
  };
}
