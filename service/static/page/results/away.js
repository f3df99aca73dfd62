/** What can be taken away of a result, as it is offered. */

import { button, element, save } from "../dom.js";
import { annotated } from "../server/analysis.js";
import { named, number, text } from "../texts.js";
import { pictures, saveAs, stem } from "./takeaway.js";
import { inTime, told } from "./timeline.js";

/** @typedef {import("./store.js").Kept} Kept */

/** Pictures that are taken at once, at most. */
const MOST_PICTURES = 60;

/**
 * Offer what can be taken away.
 *
 * @param {Kept} kept
 * @param {Blob | null} video
 * @param {string | null} url of the video
 * @param {AbortSignal} signal
 * @returns {HTMLElement}
 */
export function takeAway(kept, video, url, signal) {
  const { answer, name } = kept;
  const drawn = element("div", { className: "no-print" });
  const shown = element("div", { className: "pictures" });
  const drawing = button(text("take.annotated"), async () => {
    drawing.disabled = true;
    if (video) await drawnInto(kept, video, drawn, signal);
    drawing.disabled = false;
  });
  const printing = async () => {
    if (url && !shown.hasChildNodes()) await showPictures(kept, url, shown, signal);
    print();
  };
  return element(
    "section",
    {},
    element("h2", { className: "no-print" }, text("take.title")),
    element(
      "div",
      { className: "buttons" },
      url && button(text("take.pictures"), () => showPictures(kept, url, shown, signal)),
      video && drawing,
      button(text("take.print"), printing),
      button(text("take.csv"), () => saveAs(answer, name, "csv")),
      button(text("take.json"), () => saveAs(answer, name, "json")),
    ),
    drawn,
    shown,
  );
}

/**
 * Have the service draw into the video, and show what comes of it.
 *
 * @param {Kept} kept
 * @param {Blob} video
 * @param {HTMLElement} place
 * @param {AbortSignal} signal
 */
export async function drawnInto(kept, video, place, signal) {
  const state = element("p", { role: "status" }, text("take.draws"));
  place.replaceChildren(state, element("progress", { "aria-label": text("take.annotated") }));
  const onSent = (/** @type {number} */ sent, /** @type {number} */ of) => {
    state.textContent =
      sent < of ? text("take.sends", { percent: number((100 * sent) / of) }) : text("take.draws");
  };
  try {
    const file = new File([video], kept.name, { type: video.type });
    const mp4 = await annotated(file, kept.poses, onSent, signal);
    const src = URL.createObjectURL(mp4);
    signal.addEventListener("abort", () => URL.revokeObjectURL(src));
    const keep = () => save(mp4, `${stem(kept.name)}-annotated.mp4`);
    place.replaceChildren(
      element("p", {}, button(text("take.savevideo"), keep, { className: "main" })),
      element("video", { src, controls: true, playsInline: true, className: "annotated" }),
    );
  } catch (problem) {
    if (signal.aborted) return;
    const sentence = problem instanceof Error ? problem.message : String(problem);
    place.replaceChildren(element("p", { className: "card problem", role: "alert" }, sentence));
  }
}

/**
 * @param {Kept} kept
 * @param {string} url
 * @param {HTMLElement} shown the place for them
 * @param {AbortSignal} signal
 */
async function showPictures(kept, url, shown, signal) {
  shown.replaceChildren();
  const stretches = inTime(kept.answer).slice(0, MOST_PICTURES);
  const holds = stretches.map(({ found }) => /** @type {import("./takeaway.js").Hold} */ (found));
  try {
    for await (const picture of pictures(kept.answer, holds, url)) {
      if (signal.aborted) return;
      const at = shown.childElementCount;
      const label = told(stretches[at]);
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", label);
      const file = `${stem(kept.name)}-${named(holds[at])}-${holds[at].best}.png`;
      const onclick = () => picture.toBlob((blob) => blob && save(blob, file), "image/png");
      const keep = button(text("take.save"), onclick, {
        className: "small",
        "aria-label": text("take.save.of", { name: file }),
      });
      shown.append(element("figure", {}, picture, element("figcaption", {}, label, " ", keep)));
    }
  } catch {
    const sentence = text("take.nopictures");
    shown.replaceChildren(element("p", { className: "card problem", role: "alert" }, sentence));
  }
}
