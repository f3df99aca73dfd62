/** What can be known of a video before it is sent, and whether the service will take it. */

import { element } from "../dom.js";
import { clock, number, text } from "../texts.js";

/**
 * @typedef {object} Facts
 * @property {number} bytes
 * @property {number | null} seconds null where the browser can't tell
 * @property {number | null} pixels likewise
 */

/** Milliseconds after which a browser that says nothing of a video is not waited for. */
const PATIENCE = 4000;

/**
 * Look at a video.
 *
 * @param {File} file
 * @returns {Promise<Facts>}
 */
export async function factsOf(file) {
  const unknown = { bytes: file.size, seconds: null, pixels: null };
  const url = URL.createObjectURL(file);
  const video = element("video", { muted: true, preload: "metadata", src: url });
  try {
    if (!(await happens(video, "loadedmetadata"))) return unknown;
    // A recording of a browser says how long it is only at its end.
    if (video.duration === Infinity) {
      video.currentTime = Number.MAX_SAFE_INTEGER;
      await happens(video, "durationchange");
    }
    const { duration, videoWidth, videoHeight } = video;
    return {
      bytes: file.size,
      seconds: Number.isFinite(duration) ? duration : null,
      pixels: videoWidth * videoHeight || null,
    };
  } finally {
    video.removeAttribute("src");
    video.load();
    URL.revokeObjectURL(url);
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {string} event
 * @returns {Promise<boolean>} whether it came
 */
function happens(video, event) {
  return new Promise((resolve) => {
    video.addEventListener(event, () => resolve(true), { once: true });
    video.addEventListener("error", () => resolve(false), { once: true });
    setTimeout(() => resolve(false), PATIENCE);
  });
}

/**
 * Tell why a video would be refused.
 *
 * @param {Facts} facts
 * @param {import("../server/types.js").Limits} limits
 * @returns {string | null} a sentence with the next step, null where nothing speaks against it
 */
export function refusal({ bytes, seconds, pixels }, limits) {
  if (bytes === 0) return text("refused.empty");
  if (bytes > limits.bytes) {
    return text("refused.bytes", { size: megabytes(bytes), limit: megabytes(limits.bytes) });
  }
  // How long it is, is rounded in many a file.
  if (seconds !== null && seconds > limits.seconds + 0.5) {
    return text("refused.seconds", { seconds: clock(seconds), limit: clock(limits.seconds) });
  }
  if (pixels !== null && pixels > limits.pixels) return text("refused.pixels");
  return null;
}

/** @param {number} bytes @returns {string} */
export function megabytes(bytes) {
  return text("megabytes", { size: number(bytes / 1e6, bytes < 1e7 ? 1 : 0) });
}
