/** The first view: a video is chosen, dropped or recorded, sent and followed to its result. */

import { button, element } from "../dom.js";
import { styled } from "../look.js";
import { keep, newId } from "../results/store.js";
import { remember } from "../results/videos.js";
import { factsOf, megabytes, refusal } from "../sending/facts.js";
import { complaint, onItsWay } from "../sending/way.js";
import { analyse, goOn, pending } from "../server/analysis.js";
import { limits } from "../server/limits.js";
import { number, text } from "../texts.js";
import { wantPoses, wantedPoses } from "../wanted.js";

/** @typedef {import("../server/types.js").Answer} Answer */
/** @typedef {import("../sending/sending.js").DanceSending} DanceSending */

/** The place of an analysis, which goes on whichever view is looked at. */
const work = element("div");

/** Whether there is one. */
let busy = false;

/** What became of the last one, if it has to be said. @type {HTMLElement | undefined} */
let told;

/**
 * @param {HTMLElement} place
 * @param {string} _
 * @param {AbortSignal} signal
 */
export function show(place, _, signal) {
  styled("analyse.css");
  const { bytes, seconds } = limits();
  place.append(
    element("h1", {}, text("analyse.title")),
    element("p", {}, text("analyse.lead")),
    work,
    element(
      "p",
      { className: "soft" },
      text("analyse.limits", {
        minutes: number(seconds / 60, seconds % 60 ? 1 : 0),
        size: megabytes(bytes),
      }),
    ),
    element("p", { className: "soft" }, text("analyse.tips")),
  );
  takeDropped(signal);
  if (busy) return;
  offer(told);
  if (pending()) resume();
}

/** @param {AbortSignal} signal until which what is dropped anywhere on the page is taken */
function takeDropped(signal) {
  const over = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    work.classList.toggle("over", event.type === "dragover");
  };
  document.addEventListener("dragover", over, { signal });
  document.addEventListener("dragleave", over, { signal });
  document.addEventListener(
    "drop",
    (event) => {
      over(event);
      const dropped = event.dataTransfer?.files[0];
      if (dropped) take(dropped);
      else if (!busy) offer(complaint(text("refused.nofile")));
    },
    { signal },
  );
}

/**
 * Offer the ways to a video.
 *
 * @param {HTMLElement} [before] what is said first
 */
function offer(before) {
  const file = element("input", {
    type: "file",
    accept: "video/*,.mkv,.avi,.mts,.mxf,.gif",
    className: "hidden",
    id: "file",
    onchange: () => file.files?.[0] && take(file.files[0]),
  });
  work.replaceChildren(
    ...(before ? [before] : []),
    element(
      "div",
      { className: "drop card" },
      file,
      element("label", { className: "button main", for: "file" }, text("analyse.choose")),
      button(text("analyse.record"), record),
      element("p", { className: "soft" }, text("analyse.drop")),
    ),
    chosenPoses(),
  );
  before?.focus();
}

/** @returns {HTMLElement} which poses are looked for */
function chosenPoses() {
  const names = wantedPoses();
  const what = element(
    "span",
    {},
    text("analyse.poses", { names: names.join(", ") || text("analyse.all") }),
  );
  const all = button(text("analyse.back"), () => {
    wantPoses([]);
    chosen.replaceWith(chosenPoses());
  });
  const chosen = element(
    "p",
    { className: "buttons" },
    what,
    element("a", { href: "#/poses" }, text("analyse.change")),
    names.length > 0 && all,
  );
  return chosen;
}

async function record() {
  const { DanceRecorder } = await import("../sending/recorder.js");
  const recorder = new DanceRecorder();
  recorder.longest = limits().seconds;
  recorder.addEventListener("recorded", (event) => {
    take(/** @type {CustomEvent<File>} */ (event).detail);
  });
  recorder.addEventListener("leave", () => offer());
  work.replaceChildren(recorder);
  recorder.querySelector("h2")?.focus();
}

/**
 * Check a video, send it, and show its result.
 *
 * @param {File} video
 */
async function take(video) {
  if (busy) return;
  busy = true;
  work.replaceChildren(element("p", { className: "card" }, text("sending.looks")));
  const reason = refusal(await factsOf(video), limits());
  busy = false;
  if (reason) {
    offer(complaint(reason));
    return;
  }
  const poses = wantedPoses();
  await follow(
    { name: video.name, poses, video },
    (progress, signal) => analyse(video, poses, progress, signal),
    () => (pending() ? resume() : take(video)),
  );
}

/** Go on with what was begun before the page was loaded again, or the service couldn't be reached. */
async function resume() {
  const begun = pending();
  if (!begun) return;
  const { place, name, poses } = begun;
  await follow(
    { name, poses, video: null },
    (progress, signal) => goOn(place, progress, signal),
    resume,
  );
}

/**
 * Follow an analysis to its result, and keep that.
 *
 * @param {{ name: string, poses: string[], video: File | null }} about
 * @param {(progress: import("../server/analysis.js").Progress, signal: AbortSignal) => Promise<Answer>} analysed
 * @param {() => void} again tries it again
 */
async function follow({ name, poses, video }, analysed, again) {
  busy = true;
  told = undefined;
  try {
    const answer = await onItsWay(work, (sending, signal) => {
      const onSent = sending.sent.bind(sending);
      return analysed({ onSent, onEvent: sending.heard.bind(sending) }, signal);
    });
    const date = new Date().toISOString();
    const kept = { id: newId(), date, name, note: "", poses, answer, video: null };
    await keep(kept);
    if (video) remember(kept.id, video);
    if (work.isConnected) location.hash = `#/result/${kept.id}`;
    else told = done(kept);
  } catch (problem) {
    told = complaint(problem, again);
  }
  busy = false;
  if (work.isConnected && told) offer(told);
}

/** @param {import("../results/store.js").Kept} kept @returns {HTMLElement} that its result is there */
function done({ id, name }) {
  const link = element("a", { href: `#/result/${id}` }, name);
  return element("p", { className: "card", tabIndex: -1 }, text("analyse.done"), " ", link);
}
