/** An analysis in the background, followed to its result whatever becomes of the connection. */

import { keepHere, kept } from "../kept.js";
import { text } from "../texts.js";
import { ask, post } from "./calls.js";
import { linesRead, sentEvents } from "./events.js";
import { Problem, UNREACHABLE, problemIn, unreachable } from "./problem.js";

/** @typedef {import("./types.js").Answer} Answer */
/** @typedef {import("./events.js").ServerEvent} ServerEvent */

/** What the page asks for beside the plain answer. */
const INCLUDED = "segments,video,landmarks,angles";

/** Seconds between two tries to reach the service again, at most. */
const LONGEST_PAUSE = 8;

/** How many tries in a row are in vain before it is given up: about five minutes. */
const TRIES = 40;

/** The kinds of problems of a service that has no room yet, or none any more. */
const FULL = new Set(["busy", "starting", "stopping", "no-room"]);

/**
 * @typedef {object} Progress
 * @property {(sent: number, of: number) => void} onSent bytes
 * @property {(event: ServerEvent) => void} onEvent waiting, progress or pose, as the service has
 *     them, `lost` while the connection is, or `full` where it is tried again in a moment
 */

/**
 * What the window knows of an analysis, also after the page was loaded again.
 *
 * @typedef {object} Pending
 * @property {string} place where it is followed
 * @property {string} name of the video's file
 * @property {string[]} poses
 */

const PENDING = "analysis";

/** @returns {Pending | null} the analysis that this window has begun and not seen the end of */
export function pending() {
  return JSON.parse(kept("sessionStorage", PENDING) ?? "null");
}

/**
 * Analyse a video. Nothing of it stays on the service.
 *
 * @param {File} video
 * @param {string[]} poses names or families of those to look for; none means all
 * @param {Progress} progress
 * @param {AbortSignal} signal that ends it
 * @returns {Promise<Answer>}
 * @throws {Problem} where it can't be analysed, or the service can't be reached for minutes
 */
export async function analyse(video, poses, progress, signal) {
  const form = formOf(video, poses);
  form.append("include", INCLUDED);
  const key = newKey();
  let place = "";
  try {
    place = await reached(() => sent(form, video, key, progress, signal), progress, signal);
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.kind !== "background-down") throw problem;
    return /** @type {Promise<Answer>} */ (told("analyze", form, progress, signal));
  }
  keepHere("sessionStorage", PENDING, JSON.stringify({ place, name: video.name, poses }));
  return goOn(place, progress, signal);
}

/**
 * Follow an analysis that was begun.
 *
 * @param {string} place
 * @param {Progress} progress
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 * @throws {Problem} as of `analyse`; where the service can't be reached, it is still pending
 */
export async function goOn(place, progress, signal) {
  let over = true;
  try {
    return await followed(place, progress, signal);
  } catch (problem) {
    over = signal.aborted || !(problem instanceof Problem) || problem.kind !== UNREACHABLE;
    throw problem;
  } finally {
    if (over) {
      keepHere("sessionStorage", PENDING, null);
      // Its result is here, or nobody wants it.
      ask(place, { method: "DELETE", keepalive: true }).catch(() => undefined);
    }
  }
}

/**
 * @param {File} video
 * @param {string[]} poses
 * @returns {FormData}
 */
function formOf(video, poses) {
  const form = new FormData();
  if (poses.length > 0) form.append("poses", poses.join(","));
  form.append("video", video);
  return form;
}

/** @returns {string} a key with which a video isn't analysed twice, however often it is sent */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join("-");
}

/**
 * @param {FormData} form
 * @param {File} video
 * @param {string} key
 * @param {Progress} progress
 * @param {AbortSignal} signal
 * @returns {Promise<string>} where the analysis is
 */
async function sent(form, video, key, { onSent }, signal) {
  // A folder, or a file that has changed meanwhile: the browser would only say that it failed.
  await video
    .slice(0, 1)
    .arrayBuffer()
    .catch(() => {
      throw new Problem("unreadable", text("refused.unreadable"));
    });
  const headers = { Prefer: "respond-async", "Idempotency-Key": key };
  const { location } = await post("analyze", form, headers, { signal, onSent });
  return location?.replace(/^.*?(?=analyses\/)/, "") ?? "";
}

/**
 * Follow an analysis, time and again from where it was.
 *
 * @param {string} place
 * @param {Progress} progress
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
async function followed(place, progress, signal) {
  /** @type {Answer | undefined} */
  let result;
  let last = "";
  while (!result) {
    await reached(
      async () => {
        /** @type {Record<string, string>} */
        const headers = { Accept: "text/event-stream", ...(last && { "Last-Event-ID": last }) };
        const answer = await ask(place, { headers, signal, cache: "no-store" });
        if (!answer.body) throw unreachable();
        try {
          await sentEvents(answer.body, (event, id) => {
            if (id !== null && event.event === "pose") last = id;
            if (event.event === "error") throw problemIn(JSON.stringify(event), event.status);
            if (event.event === "result") result = event.result;
            else progress.onEvent(event);
          });
        } catch (error) {
          throw error instanceof Problem || signal.aborted ? error : unreachable();
        }
        // A server that stops ends its answer; another one goes on.
        if (!result) throw unreachable();
      },
      progress,
      signal,
    );
  }
  return result;
}

/**
 * Send a form and read the events of its answer to the result.
 *
 * @param {string} path
 * @param {FormData} form
 * @param {Progress} progress
 * @param {AbortSignal} signal
 * @returns {Promise<unknown>} the result
 * @throws {Problem} as told, or where the connection is lost
 */
export async function told(path, form, { onSent, onEvent }, signal) {
  /** @type {ServerEvent | undefined} */
  let end;
  const onText = linesRead((event) => {
    if (event.event === "result" || event.event === "error") end = event;
    else onEvent(event);
  });
  await post(path, form, { Accept: "application/x-ndjson" }, { signal, onSent, onText });
  if (!end) throw unreachable();
  if (end.event === "error") throw problemIn(JSON.stringify(end), end.status);
  return end.result;
}

/**
 * Try something until the service can be reached, and has room for it.
 *
 * @template Result
 * @param {() => Promise<Result>} attempt
 * @param {Progress} progress
 * @param {AbortSignal} signal
 * @returns {Promise<Result>}
 */
async function reached(attempt, progress, signal) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (problem) {
      if (!(problem instanceof Problem) || tries === TRIES) throw problem;
      if (problem.kind === UNREACHABLE) {
        progress.onEvent({ event: "lost" });
        await pause(Math.min(2 ** (tries - 2), LONGEST_PAUSE), signal);
      } else if (FULL.has(problem.kind) && problem.retrySeconds !== null) {
        progress.onEvent({ event: "full" });
        await pause(problem.retrySeconds, signal);
      } else throw problem;
    }
  }
}

/**
 * @param {number} seconds that pass, or fewer where the browser says that it is online again
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const done = () => resolve();
    setTimeout(done, seconds * 1000);
    addEventListener("online", done, { once: true, signal });
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

/**
 * Have the video annotated: with the skeleton, the poses and a timeline drawn into it.
 *
 * @param {File} video
 * @param {string[]} poses
 * @param {(sent: number, of: number) => void} onSent
 * @param {AbortSignal} signal
 * @returns {Promise<Blob>} an MP4
 * @throws {Problem} where it can't be
 */
export async function annotated(video, poses, onSent, signal) {
  const headers = { Accept: "video/mp4" };
  return (await post("analyze", formOf(video, poses), headers, { signal, onSent })).content;
}
