/** The first view: a video is chosen, dropped or recorded, sent and followed to its result. */

import { button, element } from "../dom.js";
import { styled } from "../look.js";
import { newId, keep } from "../results/store.js";
import { remember } from "../results/videos.js";
import { factsOf, megabytes, refusal } from "../sending/facts.js";
import { DanceSending } from "../sending/sending.js";
import { analyse } from "../server/analysis.js";
import { limits } from "../server/limits.js";
import { number, text } from "../texts.js";
import { wantPoses, wantedPoses } from "../wanted.js";

/**
 * @param {HTMLElement} place
 * @param {string} _
 * @param {AbortSignal} signal
 */
export async function show(place, _, signal) {
  styled("analyse.css");
  const work = element("div");
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
  offer(work, signal);
}

/**
 * Offer the ways to a video.
 *
 * @param {HTMLElement} work the place for it
 * @param {AbortSignal} signal
 * @param {...Node} before what is said first
 */
function offer(work, signal, ...before) {
  const file = element("input", {
    type: "file",
    accept: "video/*,.mkv,.avi,.mts,.mxf,.gif",
    className: "hidden",
    id: "file",
    onchange: () => file.files?.[0] && take(work, file.files[0], signal),
  });
  const drop = element(
    "div",
    { className: "drop card" },
    file,
    element("label", { className: "button main", for: "file" }, text("analyse.choose")),
    button(text("analyse.record"), () => record(work, signal)),
    element("p", { className: "soft" }, text("analyse.drop")),
  );
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const dropped = event.dataTransfer?.files[0];
    if (dropped) take(work, dropped, signal);
  });
  work.replaceChildren(...before, drop, chosenPoses());
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

/**
 * @param {HTMLElement} work
 * @param {AbortSignal} signal
 */
async function record(work, signal) {
  const { DanceRecorder } = await import("../sending/recorder.js");
  if (signal.aborted) return;
  const recorder = new DanceRecorder();
  recorder.longest = limits().seconds;
  recorder.addEventListener("recorded", (event) => {
    take(work, /** @type {CustomEvent<File>} */ (event).detail, signal);
  });
  recorder.addEventListener("leave", () => offer(work, signal));
  work.replaceChildren(recorder);
  recorder.querySelector("h2")?.focus();
}

/**
 * Check a video, send it, and show its result.
 *
 * @param {HTMLElement} work
 * @param {File} video
 * @param {AbortSignal} left
 */
async function take(work, video, left) {
  const reason = refusal(await factsOf(video), limits());
  if (reason) {
    complain(work, reason, left);
    return;
  }
  const cancelled = new AbortController();
  const signal = AbortSignal.any([left, cancelled.signal]);
  const sending = new DanceSending();
  sending.addEventListener("cancel", () => cancelled.abort());
  work.replaceChildren(sending);
  sending.querySelector("h2")?.focus();
  const stay = (/** @type {Event} */ event) => event.preventDefault();
  addEventListener("beforeunload", stay);
  try {
    const progress = {
      onSent: sending.sent.bind(sending),
      onEvent: sending.heard.bind(sending),
    };
    const answer = await analyse(video, { poses: wantedPoses() }, progress, signal);
    const kept = {
      id: newId(),
      date: new Date().toISOString(),
      name: video.name,
      note: "",
      answer,
      video: null,
    };
    await keep(kept);
    remember(kept.id, video);
    location.hash = `#/result/${kept.id}`;
  } catch (problem) {
    if (left.aborted) return;
    if (cancelled.signal.aborted) offer(work, left, said(text("analyse.cancelled"), "hint"));
    else complain(work, sentenceOf(problem), left, () => take(work, video, left));
  } finally {
    removeEventListener("beforeunload", stay);
  }
}

/**
 * Say what is wrong, and offer the ways to a video again.
 *
 * @param {HTMLElement} work
 * @param {string} sentence
 * @param {AbortSignal} signal
 * @param {() => void} [again] what may be tried again
 */
function complain(work, sentence, signal, again) {
  const told = said(sentence, "problem");
  if (again) told.append(button(text("analyse.again"), again));
  offer(work, signal, told);
  told.focus();
}

/** @param {string} sentence @param {string} kind @returns {HTMLElement} */
function said(sentence, kind) {
  return element(
    "div",
    { className: `card ${kind}`, role: "alert", tabIndex: -1 },
    element("p", {}, sentence),
  );
}

/** @param {unknown} problem @returns {string} */
function sentenceOf(problem) {
  return problem instanceof Error ? problem.message : String(problem);
}
