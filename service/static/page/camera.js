/** The camera: opened, or in a sentence why it can't be. */

import { Problem } from "./server/problem.js";
import { text } from "./texts.js";

/** @typedef {"user" | "environment"} Facing the front camera, or the one on the back */

/** What keeps a camera from being opened, by the name of the browser's error. */
const REFUSALS = /** @type {const} */ ({
  NotAllowedError: "camera.refused",
  SecurityError: "camera.refused",
  NotFoundError: "camera.none",
  OverconstrainedError: "camera.none",
  NotReadableError: "camera.busy",
  AbortError: "camera.busy",
});

/**
 * Open a camera.
 *
 * @param {Facing} facing which one is wanted; where there is only another, it is that
 * @param {AbortSignal} signal that closes it
 * @returns {Promise<{ stream: MediaStream, mirrors: boolean }>} and whether its dancer expects to
 *     see a mirror
 * @throws {Problem} where it can't be opened
 */
export async function openCamera(facing, signal) {
  // Browsers lend no camera to pages that somebody on the way could have changed.
  if (!window.isSecureContext) throw new Problem("camera", text("camera.insecure"));
  if (!navigator.mediaDevices) throw new Problem("camera", text("camera.none"));
  /** @type {MediaStream} */
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: {
        facingMode: facing,
        width: { ideal: 1280 },
        height: { ideal: 720 },
        frameRate: { ideal: 30 },
      },
    });
  } catch (error) {
    throw new Problem("camera", text(refusalOf(error)));
  }
  const close = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  signal.addEventListener("abort", close);
  if (signal.aborted) close();
  signal.throwIfAborted();
  const { facingMode } = stream.getVideoTracks()[0].getSettings();
  return { stream, mirrors: (facingMode ?? facing) === "user" };
}

/** @param {unknown} error */
function refusalOf(error) {
  const name = error instanceof DOMException ? error.name : "";
  return name in REFUSALS ? REFUSALS[/** @type {keyof typeof REFUSALS} */ (name)] : "camera.busy";
}
