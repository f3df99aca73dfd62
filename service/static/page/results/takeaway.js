/** What can be taken away: files of the holds, and pictures of them. */

import { element, save } from "../dom.js";
import { middleOf } from "../player/frames.js";
import { drawSkeleton } from "../player/skeleton.js";
import { clock, named } from "../texts.js";

/** @typedef {import("../server/types.js").Answer} Answer */
/** @typedef {import("../server/types.js").Hold} Hold */

/** Those of the command's `--format csv`. */
const COLUMNS = ["video", "pose", "side", "first", "last", "start", "end", "score"];

/**
 * Give the holds as a table.
 *
 * @param {Answer} answer
 * @param {string} name of the video
 * @returns {string} CSV
 */
export function csvOf({ segments }, name) {
  const rows = segments.map((hold) => [
    name,
    hold.pose,
    hold.side ?? "",
    hold.first,
    hold.last,
    hold.start,
    hold.end,
    hold.score,
  ]);
  return [COLUMNS, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/**
 * @param {string | number} value
 * @returns {string} as a cell that no program takes for a formula
 */
function cell(value) {
  const text = String(value);
  const safe = typeof value === "string" && /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Save the holds as CSV, or all of the answer as JSON.
 *
 * @param {Answer} answer
 * @param {string} name of the video
 * @param {"csv" | "json"} kind
 */
export function saveAs(answer, name, kind) {
  const content = kind === "csv" ? csvOf(answer, name) : JSON.stringify(answer);
  const type = kind === "csv" ? "text/csv" : "application/json";
  save(new Blob([content], { type }), `${stem(name)}.${kind}`);
}

/** @param {string} name of a file @returns {string} without its ending */
export function stem(name) {
  return name.replace(/\.[^.]*$/, "") || "dance";
}

/**
 * Take a picture of the best frame of each of some holds: the video with the skeleton, and the
 * pose's name.
 *
 * @param {Answer} answer
 * @param {Hold[]} holds
 * @param {string} url of the video
 * @returns {AsyncGenerator<HTMLCanvasElement>} one for each
 */
export async function* pictures(answer, holds, url) {
  const video = element("video", { muted: true, playsInline: true, preload: "auto", src: url });
  try {
    await happens(video, "loadeddata");
    const start = video.currentTime;
    for (const hold of holds) {
      video.currentTime = start + middleOf(answer.times, hold.best);
      await happens(video, "seeked");
      yield pictureOf(video, answer, hold);
    }
  } finally {
    video.removeAttribute("src");
    video.load();
  }
}

/**
 * @param {HTMLVideoElement} video at the frame
 * @param {Answer} answer
 * @param {Hold} hold
 * @returns {HTMLCanvasElement}
 */
function pictureOf(video, answer, hold) {
  const size = { width: video.videoWidth, height: video.videoHeight };
  const [picture, over] = [element("canvas", size), element("canvas", size)];
  const [context, skeleton] = [picture.getContext("2d"), over.getContext("2d")];
  if (!context || !skeleton) throw new Error("There is no canvas.");
  context.drawImage(video, 0, 0);
  const off = hold.conditions.filter(({ held }) => !held).flatMap(({ joints }) => joints);
  drawSkeleton(skeleton, answer.landmarks[hold.best], new Set(off));
  context.drawImage(over, 0, 0);
  const height = Math.max(16, Math.round(size.height / 24));
  context.font = `600 ${height}px system-ui, sans-serif`;
  context.textBaseline = "top";
  context.lineWidth = height / 5;
  context.strokeStyle = "#000c";
  context.fillStyle = "#fff";
  const label = `${named(hold)}  ${clock(answer.times[hold.best])}`;
  context.strokeText(label, height / 2, height / 2);
  context.fillText(label, height / 2, height / 2);
  return picture;
}

/**
 * @param {HTMLVideoElement} video
 * @param {string} event
 * @returns {Promise<void>}
 */
function happens(video, event) {
  return new Promise((resolve, reject) => {
    video.addEventListener(event, () => resolve(), { once: true });
    video.addEventListener("error", () => reject(video.error), { once: true });
  });
}
