/** A result: the video with its skeleton and timeline, each hold, and what can be taken away. */

import { button, element, fill, labelled } from "../dom.js";
import { styled } from "../look.js";
import { DancePlayer } from "../player/player.js";
import { frameAt } from "../player/frames.js";
import { drawnInto, takeAway } from "../results/away.js";
import { DanceHold } from "../results/hold.js";
import { get, isUnstored, keep } from "../results/store.js";
import { DanceTimeline, inTime, told } from "../results/timeline.js";
import { videoOf } from "../results/videos.js";
import { catalogue } from "../server/catalogue.js";
import { language, locale, number, text } from "../texts.js";
import { watchKeys } from "../player/keys.js";

/** @typedef {import("../results/store.js").Kept} Kept */
/** @typedef {import("../results/timeline.js").Stretch} Stretch */

/**
 * @param {HTMLElement} place
 * @param {string} id
 * @param {AbortSignal} signal
 */
export async function show(place, id, signal) {
  const [kept] = await Promise.all([get(id), styled("result.css"), styled("curve.css")]);
  if (signal.aborted) return;
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
    opened.scrollIntoView({ block: "nearest" });
  };

  // Of nobody there is no skeleton to be shown alone.
  const isShown = url !== null || answer.video.frames_with_person > 0;
  fill(
    place,
    element("h1", {}, kept.name),
    element("p", { className: "summary" }, summary(kept)),
    kept.poses.length > 0 &&
      element("p", {}, text("result.only", { names: kept.poses.join(", ") })),
    ...adviceOf(answer),
    notice,
    isShown && element("div", { className: "watch" }, player, timeline),
    isShown && element("p", { className: "soft keys no-print" }, text("result.keys")),
    isShown && element("p", { className: "soft no-print" }, text("result.colours")),
    opened,
    listed(answer, choose),
    takeAway(kept, video, url, signal),
    remembered(kept, video),
  );
  player.addEventListener("frame", () => timeline.at(player.time));
  player.addEventListener("unplayable", () => {
    if (video) notice.replaceChildren(unplayable(kept, video, signal));
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
  if (!url) {
    const hint = text(isShown ? "result.novideo" : "result.nobody");
    notice.append(element("p", { className: "card hint no-print" }, hint));
  }
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
  const stretches = inTime(answer);
  const holds = stretches.filter(({ kind }) => kind === "hold");
  const near = stretches.filter(({ kind }) => kind === "near");
  const items = (/** @type {Stretch[]} */ some) =>
    some.map((stretch) =>
      element(
        "li",
        {},
        button(told(stretch), () => choose(stretch), { className: "line" }),
      ),
    );
  return element(
    "section",
    { className: "listed" },
    element("h2", {}, text("result.holds")),
    holds.length > 0
      ? element("ol", {}, ...items(holds))
      : element("p", {}, text("result.noholds")),
    near.length > 0 && element("h2", {}, text("result.near")),
    near.length > 0 && element("ol", {}, ...items(near)),
  );
}

/**
 * @param {Kept} kept
 * @param {Blob} video
 * @param {AbortSignal} signal
 * @returns {HTMLElement} what to do about a video that the browser can't play
 */
function unplayable(kept, video, signal) {
  const notice = element("div", { className: "card hint no-print", role: "alert" });
  const draw = button(text("take.annotated"), () => drawnInto(kept, video, notice, signal), {
    className: "main",
  });
  notice.append(element("p", {}, text("result.unplayable")), draw);
  return notice;
}

/**
 * @param {Kept} kept
 * @param {Blob | null} video
 * @returns {HTMLElement} the note, and whether the video is kept
 */
function remembered(kept, video) {
  const state = element("p", { className: "soft", role: "status" });
  if (isUnstored(kept.id)) state.textContent = text("result.notkept");
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
