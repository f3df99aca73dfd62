/** A result: the video with its skeleton and timeline, each hold, and what can be taken away. */

import { button, element, labelled, save } from "../dom.js";
import { styled } from "../look.js";
import { DancePlayer } from "../player/player.js";
import { frameAt } from "../player/frames.js";
import { DanceHold } from "../results/hold.js";
import { get, keep } from "../results/store.js";
import { pictures, saveAs, stem } from "../results/takeaway.js";
import { DanceTimeline, rowsOf, told } from "../results/timeline.js";
import { videoOf } from "../results/videos.js";
import { annotated } from "../server/analysis.js";
import { catalogue } from "../server/catalogue.js";
import { language, locale, named, number, text } from "../texts.js";
import { wantedPoses } from "../wanted.js";
import { watchKeys } from "../player/keys.js";

/** @typedef {import("../results/store.js").Kept} Kept */
/** @typedef {import("../results/timeline.js").Stretch} Stretch */

/** Pictures that are taken at once, at most. */
const MOST_PICTURES = 60;

/**
 * @param {HTMLElement} place
 * @param {string} id
 * @param {AbortSignal} signal
 */
export async function show(place, id, signal) {
  const [kept] = await Promise.all([get(id), styled("result.css"), styled("curve.css")]);
  if (!kept) {
    place.append(
      element("h1", {}, text("result.gone")),
      element("p", {}, element("a", { href: "#/analyse" }, text("menu.analyse"))),
    );
    return;
  }
  const video = videoOf(kept);
  const url = video && URL.createObjectURL(video);
  if (url) signal.addEventListener("abort", () => URL.revokeObjectURL(url));
  const { answer } = kept;
  const player = new DancePlayer();
  const timeline = new DanceTimeline();
  const opened = element("div");
  const notice = element("div");
  /** What is opened, whose joints are shown as off. @type {Stretch | null} */
  let chosen = null;
  player.offAt = (frame) => offIn(answer, frame, chosen);

  /** @param {Stretch} stretch */
  const choose = async (stretch) => {
    chosen = stretch;
    if (player.loops) player.loop(null);
    player.show(stretch.kind === "unknown" ? stretch.found.first : stretch.found.best);
    player.redraw();
    if (stretch.kind === "unknown") {
      opened.replaceChildren(element("p", { className: "card hint" }, told(stretch)));
      return;
    }
    const hold = new DanceHold();
    const poses = await catalogue().catch(() => []);
    if (signal.aborted || chosen !== stretch) return;
    hold.open(
      answer,
      stretch.found,
      poses.find(({ name }) => name === stretch.found.pose),
    );
    hold.addEventListener("loop", () => player.loop(stretch.found));
    opened.replaceChildren(hold);
    hold.querySelector("h2")?.focus({ preventScroll: true });
  };

  place.append(
    element("h1", {}, kept.name),
    element("p", { className: "summary" }, summary(kept)),
    ...adviceOf(answer),
    notice,
    element("div", { className: "watch" }, player, timeline),
    element("p", { className: "soft no-print" }, text("result.keys")),
    element("p", { className: "key soft" }, text("result.colours")),
    opened,
    listed(answer, choose),
    takeAway(kept, video, url, notice, signal),
    remembered(kept, video),
  );
  player.addEventListener("frame", () => timeline.at(player.time));
  player.addEventListener("unplayable", () => {
    notice.replaceChildren(unplayable(kept, video, notice, signal));
    player.open(answer, null);
  });
  timeline.addEventListener("seek", (event) => {
    player.show(frameAt(answer.times, /** @type {CustomEvent<number>} */ (event).detail));
  });
  timeline.addEventListener("choose", (event) => {
    choose(/** @type {CustomEvent<Stretch>} */ (event).detail);
  });
  watchKeys(place, player, () => {
    if (player.loops) player.loop(null);
    else if (chosen && chosen.kind !== "unknown") player.loop(chosen.found);
  });
  player.open(answer, url);
  timeline.open(answer);
  if (!url) notice.append(element("p", { className: "card hint" }, text("result.novideo")));
}

/** @param {Kept} kept @returns {string} */
function summary({ answer, date }) {
  const names = Object.keys(answer.detected_poses);
  return text("result.summary", {
    date: new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(
      new Date(date),
    ),
    seconds: number(answer.video.duration, 1),
    poses: names.join(", ") || text("result.none"),
  });
}

/**
 * @param {import("../server/types.js").Answer} answer
 * @returns {HTMLElement[]} what is wrong with the picture
 */
function adviceOf({ video }) {
  /** @type {(reason: string) => string} */
  const other = (reason) =>
    text(/** @type {import("../texts.js").TextKey} */ (`trouble.${reason}`));
  return video.advice.map((advice) =>
    element(
      "p",
      { className: "card hint" },
      language() === "en" ? advice.text : other(advice.reason),
    ),
  );
}

/**
 * @param {import("../server/types.js").Answer} answer
 * @param {number} frame
 * @param {Stretch | null} chosen
 * @returns {ReadonlySet<string>} the joints that are off in a frame: of what is opened, or else of
 *     a near miss in which it is
 */
function offIn(answer, frame, chosen) {
  const inside = (/** @type {{ first: number, last: number }} */ found) =>
    frame >= found.first && frame <= found.last;
  if (chosen && chosen.kind !== "unknown" && inside(chosen.found)) {
    const off = chosen.found.conditions.filter(({ held }) => !held);
    return new Set(off.flatMap(({ joints }) => joints));
  }
  const misses = answer.near_misses.filter(inside);
  return new Set(misses.flatMap(({ off }) => off).flatMap(({ joints }) => joints));
}

/**
 * List what was found, for those who read rather than look, and for paper.
 *
 * @param {import("../server/types.js").Answer} answer
 * @param {(stretch: Stretch) => void} choose
 * @returns {HTMLElement}
 */
function listed(answer, choose) {
  const stretches = [...rowsOf(answer).values()].flat();
  const holds = stretches.filter(({ kind }) => kind === "hold");
  const near = stretches.filter(({ kind }) => kind === "near");
  const item = (/** @type {Stretch} */ stretch) =>
    element(
      "li",
      {},
      button(told(stretch), () => choose(stretch), { className: "line" }),
    );
  const inTime = (/** @type {Stretch[]} */ all) =>
    all.sort((one, other) => one.found.start - other.found.start).map(item);
  return element(
    "section",
    { className: "listed" },
    element("h2", {}, text("result.holds")),
    holds.length > 0
      ? element("ol", {}, ...inTime(holds))
      : element("p", {}, text("result.noholds")),
    near.length > 0 && element("h2", {}, text("result.near")),
    near.length > 0 && element("ol", {}, ...inTime(near)),
  );
}

/**
 * @param {Kept} kept
 * @param {Blob | null} video
 * @param {HTMLElement} notice
 * @param {AbortSignal} signal
 * @returns {HTMLElement} what to do about a video that the browser can't play
 */
function unplayable(kept, video, notice, signal) {
  return element(
    "div",
    { className: "card hint", role: "alert" },
    element("p", {}, text("result.unplayable")),
    button(text("take.annotated"), () => drawnInto(kept, video, notice, signal), {
      className: "main",
    }),
  );
}

/**
 * Have the service draw into the video, and show what comes of it.
 *
 * @param {Kept} kept
 * @param {Blob | null} video
 * @param {HTMLElement} notice
 * @param {AbortSignal} signal
 */
async function drawnInto(kept, video, notice, signal) {
  if (!video) return;
  const state = element("p", { role: "status" }, text("take.draws"));
  notice.replaceChildren(element("div", { className: "card" }, state));
  const onSent = (/** @type {number} */ sent, /** @type {number} */ of) => {
    state.textContent =
      sent < of ? text("take.sends", { percent: number((100 * sent) / of) }) : text("take.draws");
  };
  try {
    const file = new File([video], kept.name, { type: video.type });
    const mp4 = await annotated(file, { poses: wantedPoses() }, { onSent }, signal);
    const url = URL.createObjectURL(mp4);
    signal.addEventListener("abort", () => URL.revokeObjectURL(url));
    notice.replaceChildren(
      element(
        "div",
        { className: "card" },
        element("video", { src: url, controls: true, playsInline: true, className: "annotated" }),
        button(text("take.save"), () => save(mp4, `${stem(kept.name)}-annotated.mp4`), {
          className: "main",
        }),
      ),
    );
  } catch (problem) {
    if (signal.aborted) return;
    const sentence = problem instanceof Error ? problem.message : String(problem);
    notice.replaceChildren(element("p", { className: "card problem", role: "alert" }, sentence));
  }
}

/**
 * @param {Kept} kept
 * @param {Blob | null} video
 * @param {string | null} url
 * @param {HTMLElement} notice
 * @param {AbortSignal} signal
 * @returns {HTMLElement}
 */
function takeAway(kept, video, url, notice, signal) {
  const { answer, name } = kept;
  const shown = element("div", { className: "pictures" });
  return element(
    "section",
    {},
    element("h2", { className: "no-print" }, text("take.title")),
    element(
      "div",
      { className: "buttons" },
      button(text("take.csv"), () => saveAs(answer, name, "csv")),
      button(text("take.json"), () => saveAs(answer, name, "json")),
      video &&
        button(text("take.annotated"), () => {
          drawnInto(kept, video, notice, signal);
          notice.scrollIntoView({ block: "center" });
        }),
      url && button(text("take.pictures"), () => showPictures(kept, url, shown, signal)),
      button(text("take.print"), async () => {
        if (url && !shown.hasChildNodes()) await showPictures(kept, url, shown, signal);
        print();
      }),
    ),
    shown,
  );
}

/**
 * @param {Kept} kept
 * @param {string} url
 * @param {HTMLElement} shown the place for them
 * @param {AbortSignal} signal
 */
async function showPictures(kept, url, shown, signal) {
  shown.replaceChildren();
  try {
    for await (const { hold, picture } of pictures(kept.answer, url, MOST_PICTURES)) {
      if (signal.aborted) return;
      const label = told({ kind: "hold", found: hold });
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", label);
      const file = `${stem(kept.name)}-${named(hold)}-${hold.best}.png`;
      const onclick = () => picture.toBlob((blob) => blob && save(blob, file), "image/png");
      shown.append(
        element(
          "figure",
          {},
          picture,
          element("figcaption", {}, label, button(text("take.save"), onclick)),
        ),
      );
    }
  } catch {
    shown.replaceChildren(
      element("p", { className: "card problem", role: "alert" }, text("take.nopictures")),
    );
  }
  if (!shown.hasChildNodes()) shown.append(element("p", {}, text("result.noholds")));
}

/**
 * @param {Kept} kept
 * @param {Blob | null} video
 * @returns {HTMLElement} the note, and whether the video is kept
 */
function remembered(kept, video) {
  const state = element("p", { className: "soft", role: "status" });
  const change = async (/** @type {Partial<Kept>} */ what) => {
    Object.assign(kept, what);
    state.textContent = text((await keep(kept)) ? "result.kept" : "result.notkept");
  };
  const note = element("textarea", {
    value: kept.note,
    rows: 2,
    onchange: () => change({ note: note.value }),
  });
  const keeps = element("input", {
    type: "checkbox",
    checked: kept.video !== null,
    onchange: () => change({ video: keeps.checked ? video : null }),
  });
  return element(
    "section",
    { className: "no-print" },
    element("h2", {}, text("result.history")),
    labelled(text("result.note"), note),
    video && labelled(text("result.keepvideo"), keeps),
    element("p", { className: "soft" }, text("result.where")),
    state,
  );
}
