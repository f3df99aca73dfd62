/** The stage: the picture with the skeleton over it, and what the dancer reads from afar. */

import { button, element } from "../dom.js";
import { drawSkeleton } from "../player/skeleton.js";
import { text } from "../texts.js";
import { SPEAKS } from "./voice.js";

/** @typedef {import("./moment.js").Moment} Moment */
/** @typedef {import("../server/types.js").Landmark} Landmark */

/**
 * @typedef {object} Stage
 * @property {HTMLElement} place
 * @property {HTMLVideoElement} video
 * @property {HTMLButtonElement} stop
 * @property {() => number} ratio of the picture's width to its height
 * @property {(moment: Moment) => void} tell
 * @property {(landmarks: Landmark[] | null, off: ReadonlySet<string>) => void} draw with the
 *     names of the joints that are off
 */

/**
 * Make a stage.
 *
 * @param {{ stream: MediaStream, mirrors: boolean }} camera
 * @param {HTMLElement} best where the best hold is told
 * @param {HTMLElement | null} model how the pose looks
 * @param {{ speech: boolean, onSpeech: (on: boolean) => void, onStop: () => void }} wishes
 * @returns {Stage}
 */
export function newStage({ stream, mirrors }, best, model, { speech, onSpeech, onStop }) {
  const video = element("video", {
    muted: true,
    playsInline: true,
    autoplay: true,
    srcObject: stream,
  });
  const canvas = element("canvas", { role: "img", "aria-label": text("live.picture") });
  const picture = element(
    "div",
    { className: `stage ${mirrors ? "mirrored" : ""}` },
    video,
    canvas,
    model,
  );
  const sentence = element("p", { className: "sentence" });
  const detail = element("p", { className: "detail" });
  // What changes with each frame would be read out with each frame.
  const read = element("p", { className: "hidden", role: "status" });
  const state = element("div", { className: "state" }, sentence, detail);
  const stop = button(text("live.stop"), onStop, { className: "main" });
  const place = element("section", { className: "dance", "aria-label": text("live.stage") });
  const speaks = button(text("live.speech"), () => {
    const on = speaks.getAttribute("aria-pressed") !== "true";
    speaks.setAttribute("aria-pressed", String(on));
    onSpeech(on);
  });
  speaks.setAttribute("aria-pressed", String(speech));
  const whole = button(text("live.whole-screen"), () => void toggleWhole(place));
  const controls = element(
    "div",
    { className: "controls" },
    stop,
    document.fullscreenEnabled && whole,
    SPEAKS && speaks,
  );
  place.append(picture, element("div", { className: "told" }, state, read, best, controls));
  place.onfullscreenchange = () => {
    const isWhole = document.fullscreenElement === place;
    whole.textContent = text(isWhole ? "live.part-screen" : "live.whole-screen");
  };
  video.onresize = () => {
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    picture.style.setProperty("--ratio", String(video.videoWidth / video.videoHeight));
    picture.style.aspectRatio = `${video.videoWidth} / ${video.videoHeight}`;
  };
  return {
    place,
    video,
    stop,
    ratio: () => (video.videoWidth || 16) / (video.videoHeight || 9),
    tell: (moment) => {
      state.dataset.kind = moment.kind;
      change(sentence, moment.sentence);
      change(detail, moment.detail);
      change(read, moment.sentence);
    },
    draw: (landmarks, off) => {
      const context = canvas.getContext("2d");
      if (context) drawSkeleton(context, landmarks, off);
    },
  };
}

/** @param {HTMLElement} place */
async function toggleWhole(place) {
  // A browser that refuses it leaves all as it is.
  if (document.fullscreenElement) await document.exitFullscreen().catch(() => undefined);
  else await place.requestFullscreen().catch(() => undefined);
}

/** @param {HTMLElement} place @param {string} content that it has from now on */
function change(place, content) {
  if (place.textContent !== content) place.textContent = content;
}
