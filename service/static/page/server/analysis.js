/** An analysis in the background, followed to its result whatever becomes of the connection. */

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
 * @typedef {object} Wanted
 * @property {string[]} [poses] names or families of those to look for; all by default
 *
 * @typedef {object} Progress
 * @property {(sent: number, of: number) => void} onSent bytes
 * @property {(event: ServerEvent) => void} onEvent waiting, progress or pose, as the service has
 *     them, `lost` while the connection is, or `full` where it is tried again in a moment
 */

/**
 * Analyse a video. Nothing of it stays on the service.
 *
 * @param {File} video
 * @param {Wanted} wanted
 * @param {Progress} progress
 * @param {AbortSignal} signal that ends it
 * @returns {Promise<Answer>}
 * @throws {Problem} where it can't be analysed, or the service can't be reached for minutes
 */
export async function analyse(video, wanted, progress, signal) {
  const form = new FormData();
  if (wanted.poses?.length) form.append("poses", wanted.poses.join(","));
  form.append("include", INCLUDED);
  form.append("video", video);
  let place = "";
  try {
    place = await reached(() => sent(form, progress, signal), progress, signal);
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.kind !== "background-down") throw problem;
    return direct(form, progress, signal);
  }
  try {
    return await followed(place, progress, signal);
  } finally {
    // Its result is here, or nobody wants it.
    ask(place, { method: "DELETE", keepalive: true }).catch(() => undefined);
  }
}

/** The same video isn't analysed twice, however often it is sent. @returns {string} */
function newKey() {
  return Array.from(crypto.getRandomValues(new Uint32Array(4)), String).join("-");
}

/** @type {WeakMap<FormData, string>} */
const keys = new WeakMap();

/**
 * @param {FormData} form
 * @param {Progress} progress
 * @param {AbortSignal} signal
 * @returns {Promise<string>} where the analysis is
 */
async function sent(form, { onSent }, signal) {
  const key = keys.get(form) ?? newKey();
  keys.set(form, key);
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
 * Have the answer to the upload itself tell how far it is, where there is no background.
 *
 * @param {FormData} form
 * @param {Progress} progress
 * @param {AbortSignal} signal
 * @returns {Promise<Answer>}
 */
export async function direct(form, progress, signal) {
  return /** @type {Promise<Answer>} */ (told("analyze", form, progress, signal));
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
 * @param {File | Blob} video
 * @param {Wanted} wanted
 * @param {{ onSent: (sent: number, of: number) => void }} progress
 * @param {AbortSignal} signal
 * @returns {Promise<Blob>} an MP4
 */
export async function annotated(video, wanted, { onSent }, signal) {
  const form = new FormData();
  if (wanted.poses?.length) form.append("poses", wanted.poses.join(","));
  form.append("video", video);
  const { content } = await post("analyze", form, { Accept: "video/mp4" }, { signal, onSent });
  return content;
}
