/** One of the two who are compared: the video, the skeleton, or one over the other. */

import { element } from "../dom.js";
import { filmOf, filmWithout } from "../player/film.js";
import { frameAt } from "../player/frames.js";
import { drawSkeleton } from "../player/skeleton.js";
import { text } from "../texts.js";

/** @typedef {import("../server/types.js").Answer} Answer */
/** @typedef {import("../player/film.js").Film} Film */

/** Pixels of the longer side that a skeleton is drawn with at most. */
const LARGEST = 1280;

/**
 * @typedef {object} Shown
 * @property {string} label whose it is
 * @property {Blob | null} video
 * @property {Answer | null} answer with the landmarks, where they are known
 * @property {number} seconds how long it is at least
 *
 * @typedef {object} Side
 * @property {HTMLElement} place
 * @property {HTMLElement} stage
 * @property {() => Film} film what is played: the video, or the time alone where there is none
 * @property {() => number} time the seconds of the frame that is shown, or where it is sought
 * @property {() => number} end seconds
 * @property {(seconds: number) => void} seek
 * @property {() => void} close
 */

/**
 * Show one of the two.
 *
 * @param {Shown} shown
 * @param {{ onFrame: (seconds: number) => void, onState: () => void }} watcher told of each frame,
 *     and where playing begins or ends, or the length is known
 * @returns {Side}
 */
export function sideOf({ label, video, answer, seconds }, { onFrame, onState }) {
  const stage = element("div", { className: "stage" });
  const note = element("p", { className: "soft", hidden: true }, text("compare.unplayable"));
  const canvas = element("canvas", { role: "img", "aria-label": text("player.skeleton") });
  const url = video ? URL.createObjectURL(video) : null;
  let time = 0;

  /** @param {number} width @param {number} height */
  const size = (width, height) => {
    const scale = Math.min(1, LARGEST / Math.max(width, height));
    [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    stage.style.setProperty("--ratio", String(width / height));
    stage.style.aspectRatio = `${width} / ${height}`;
  };
  const draw = () => {
    const context = canvas.getContext("2d");
    if (!context || !answer?.times.length) return;
    drawSkeleton(context, answer.landmarks[frameAt(answer.times, time)] ?? null, new Set());
  };
  const watcher = {
    onFrame: (/** @type {number} */ now) => {
      time = now;
      draw();
      onFrame(now);
    },
    onReady: () => {
      const shown = film.video;
      if (shown) size(shown.videoWidth, shown.videoHeight);
      draw();
      onState();
    },
    onUnplayable: () => {
      if (!film.video?.getAttribute("src")) return;
      film.close();
      note.hidden = false;
      stage.hidden = !answer;
      play(filmWithout(seconds, watcher));
    },
  };
  /** @type {Film} */
  let film;
  /** @param {Film} played */
  const play = (played) => {
    film = played;
    for (const event of ["play", "pause", "ended"]) film.video?.addEventListener(event, onState);
    film.video?.setAttribute("aria-label", label);
    stage.replaceChildren(...(film.video ? [film.video] : []), ...(answer ? [canvas] : []));
  };
  size(...(answer?.size ?? /** @type {[number, number]} */ ([16, 9])));
  play(url ? filmOf(url, watcher) : filmWithout(seconds, watcher));

  return {
    place: element("figure", {}, element("figcaption", {}, label), stage, note),
    stage,
    film: () => film,
    time: () => time,
    end: () => (Number.isFinite(film.video?.duration) ? (film.video?.duration ?? 0) : seconds),
    seek: (wanted) => {
      time = wanted;
      film.seek(wanted);
    },
    close: () => {
      film.close();
      if (url) URL.revokeObjectURL(url);
    },
  };
}
