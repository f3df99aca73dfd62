/** What is compared with what: the dancer's video, and a second video or an earlier result. */

import { choice, element, labelled } from "../dom.js";
import { get } from "../results/store.js";
import { locale, text } from "../texts.js";
import { videoField } from "./field.js";
import { partsOf } from "./parts.js";

/** @typedef {import("../results/store.js").Kept} Kept */

/**
 * @typedef {object} Pair
 * @property {File} video of the dancer
 * @property {File | Kept} reference
 * @property {Record<string, string>} options of the service, by their names
 */

/**
 * Ask for the two.
 *
 * @param {import("../results/store.js").Short[]} history
 * @param {string} chosen the id of the earlier result that is offered, if any
 * @param {(pair: Pair) => void} onPair
 * @returns {HTMLFormElement}
 */
export function formOf(history, chosen, onPair) {
  const known = history.some(({ id }) => id === chosen);
  let mirror = "auto";
  const parts = partsOf();
  const dancer = videoField(text("compare.dancer"), text("compare.dancerWhy"));
  const other = videoField(text("compare.reference"), text("compare.referenceWhy"));
  const date = new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" });
  const earlier = choice(
    history.map((kept) => [
      kept.id,
      `${kept.note || kept.name} · ${date.format(new Date(kept.date))}`,
    ]),
    known ? chosen : (history[0]?.id ?? ""),
    () => undefined,
  );
  const result = element("div", { className: "card" }, labelled(text("compare.earlier"), earlier));
  const kinds = element(
    "fieldset",
    { hidden: history.length === 0 },
    element("legend", {}, text("compare.with")),
  );
  /** @param {boolean} video whether the reference is one */
  const choose = (video) => {
    other.place.hidden = !video;
    other.require(video);
    result.hidden = video;
  };
  for (const video of [true, false]) {
    const radio = element("input", {
      type: "radio",
      name: "kind",
      checked: video !== known,
      onchange: () => choose(video),
    });
    const label = text(video ? "compare.withVideo" : "compare.withEarlier");
    kinds.append(element("label", { className: "check" }, radio, label));
  }
  choose(!known);
  const mirrors = /** @type {[string, string][]} */ ([
    ["auto", text("compare.mirrorAuto")],
    ["yes", text("compare.mirrorYes")],
    ["no", text("compare.mirrorNo")],
  ]);
  return element(
    "form",
    {
      onsubmit: async (/** @type {Event} */ event) => {
        event.preventDefault();
        const video = dancer.file();
        const reference = result.hidden ? other.file() : await get(earlier.value);
        const options = { mirror, ...parts.chosen() };
        if (video && reference) onPair({ video, reference, options });
      },
    },
    kinds,
    element("div", { className: "pair" }, dancer.place, other.place, result),
    labelled(
      text("compare.mirror"),
      choice(mirrors, mirror, (value) => (mirror = value)),
    ),
    parts.place,
    element(
      "div",
      { className: "buttons" },
      element("button", { className: "main" }, text("compare.start")),
    ),
  );
}
