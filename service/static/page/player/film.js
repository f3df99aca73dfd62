/** What is played: a video, or the skeleton alone where the video isn't there. */

import { element } from "../dom.js";

/**
 * @typedef {object} Film
 * @property {HTMLVideoElement | null} video
 * @property {() => boolean} paused
 * @property {() => void} play
 * @property {() => void} pause
 * @property {(seconds: number) => void} seek
 * @property {(speed: number) => void} setSpeed
 * @property {() => void} close
 */

/**
 * @typedef {object} Watcher
 * @property {(seconds: number) => void} onFrame told the time of each frame as it is shown, from
 *     the first frame on
 * @property {() => void} onReady told once, when the size is known
 * @property {() => void} onUnplayable told where the browser can't play it
 */

/**
 * Play a video.
 *
 * @param {string} url
 * @param {Watcher} watcher
 * @returns {Film}
 */
export function filmOf(url, { onFrame, onReady, onUnplayable }) {
  const video = element("video", { playsInline: true, preload: "auto", src: url });
  /** When the first frame is, which the service calls 0. @type {number | null} */
  let start = null;
  /** Where to go once that is known. @type {number | null} */
  let waiting = null;

  /** @param {number} mediaTime */
  const shown = (mediaTime) => {
    if (start === null) {
      start = mediaTime;
      if (waiting !== null) video.currentTime = start + waiting;
    }
    onFrame(mediaTime - start);
  };
  watchFrames(video, shown);
  video.addEventListener("loadeddata", () => {
    if (video.videoWidth) onReady();
    else onUnplayable();
  });
  video.addEventListener("error", onUnplayable);

  return {
    video,
    paused: () => video.paused,
    play: () => void video.play().catch(() => undefined),
    pause: () => video.pause(),
    seek: (seconds) => {
      if (start === null) waiting = seconds;
      else video.currentTime = start + seconds;
    },
    setSpeed: (speed) => (video.playbackRate = speed),
    close: () => {
      video.pause();
      video.removeAttribute("src");
      video.load();
    },
  };
}

/**
 * Tell the time of each frame that is shown.
 *
 * @param {HTMLVideoElement} video
 * @param {(mediaTime: number) => void} shown
 */
function watchFrames(video, shown) {
  if (HTMLVideoElement.prototype.requestVideoFrameCallback !== undefined) {
    /** @type {VideoFrameRequestCallback} */
    const each = (_, { mediaTime }) => {
      shown(mediaTime);
      video.requestVideoFrameCallback(each);
    };
    video.requestVideoFrameCallback(each);
    return;
  }
  // An older browser tells the time of playing alone, which is near that of the frame.
  const look = () => {
    if (video.readyState >= video.HAVE_CURRENT_DATA) shown(video.currentTime);
    if (video.src) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/**
 * Play the time of a video that isn't there.
 *
 * @param {number} duration seconds
 * @param {Watcher} watcher told the time itself, as there are no frames
 * @returns {Film}
 */
export function filmWithout(duration, { onFrame, onReady }) {
  let [time, speed, before] = [0, 1, 0];
  let playing = false;

  /** @param {number} now */
  const step = (now) => {
    if (!playing) return;
    time += ((now - before) / 1000) * speed;
    before = now;
    if (time >= duration) [time, playing] = [duration, false];
    onFrame(time);
    requestAnimationFrame(step);
  };
  queueMicrotask(() => {
    onReady();
    onFrame(0);
  });
  return {
    video: null,
    paused: () => !playing,
    play: () => {
      if (time >= duration) time = 0;
      [playing, before] = [true, performance.now()];
      requestAnimationFrame(step);
    },
    pause: () => (playing = false),
    seek: (seconds) => {
      time = Math.min(Math.max(seconds, 0), duration);
      onFrame(time);
    },
    setSpeed: (value) => (speed = value),
    close: () => (playing = false),
  };
}
