/** `<dance-player>`: a video with the skeleton over it, in step with the frame that is shown. */

import { button, element, labelled } from "../dom.js";
import { clock, text } from "../texts.js";
import { filmOf, filmWithout } from "./film.js";
import { frameAt, middleOf, shownAt } from "./frames.js";
import { drawSkeleton } from "./skeleton.js";
import { SPEEDS, choiceOfSpeed } from "./speed.js";

/** @typedef {import("../server/types.js").Answer} Answer */

/** @type {ReadonlySet<string>} */
const NOTHING = new Set();

/**
 * Events: `frame` with the number of each frame as it is shown, `unplayable` where the browser
 * can't play the video.
 */
export class DancePlayer extends HTMLElement {
  /** The frame that is shown. */
  frame = 0;
  /** Of each frame, the names of the joints that are off. @type {(frame: number) => ReadonlySet<string>} */
  offAt = () => NOTHING;
  /** Frames that are played again and again. @type {{ first: number, last: number } | null} */
  #loop = null;
  #speed = 1;
  /** @type {Answer | null} */
  #answer = null;
  /** @type {import("./film.js").Film | null} */
  #film = null;
  #canvas = element("canvas", { role: "img", "aria-label": text("player.skeleton") });
  #stage = element("div", { className: "stage" });
  #time = element("span", { className: "time" });
  #play = button(text("player.play"), () => this.toggle(), { className: "main" });
  #mirror = button(text("player.mirror"), () => this.mirror(), { "aria-pressed": "false" });
  #again = button(text("player.loop"), () => this.loop(null), { hidden: true });
  #speeds = choiceOfSpeed((speed) => this.setSpeed(speed));

  /**
   * Show a video.
   *
   * @param {Answer} answer with its landmarks and times
   * @param {string | null} url of the video, null where it isn't there
   */
  open(answer, url) {
    this.close();
    this.#answer = answer;
    const watcher = {
      onFrame: (/** @type {number} */ time) =>
        this.#shown(url ? frameAt(answer.times, time) : shownAt(answer.times, time)),
      onReady: () => this.#sized(),
      onUnplayable: () => this.dispatchEvent(new CustomEvent("unplayable")),
    };
    this.#film = url ? filmOf(url, watcher) : filmWithout(answer.video.duration, watcher);
    this.#film.setSpeed(this.#speed);
    const { video } = this.#film;
    for (const event of ["play", "pause", "ended"]) {
      video?.addEventListener(event, () => this.#playing());
    }
    // A loop to the last frame ends with the video.
    video?.addEventListener("ended", () => this.loop(this.#loop));
    this.#stage.replaceChildren(...(video ? [video] : []), this.#canvas);
    this.#stage.onclick = () => this.toggle();
    const step = (
      /** @type {number} */ by,
      /** @type {string} */ label,
      /** @type {string} */ sign,
    ) => button(sign, () => this.step(by), { "aria-label": label, title: label });
    this.replaceChildren(
      this.#stage,
      element(
        "div",
        { className: "controls", role: "group", "aria-label": text("player.controls") },
        step(-1, text("player.back"), "◂|"),
        this.#play,
        step(1, text("player.forward"), "|▸"),
        this.#time,
        labelled(text("player.speed"), this.#speeds),
        this.#mirror,
        this.#again,
      ),
    );
  }

  disconnectedCallback() {
    this.close();
  }

  /** Let the video go. */
  close() {
    this.#film?.close();
    this.#film = null;
  }

  /** The seconds of the frame that is shown. */
  get time() {
    return this.#answer?.times[this.frame] ?? 0;
  }

  /** The element of the video, where there is one. */
  get video() {
    return this.#film?.video ?? null;
  }

  /** Play, or stop playing. */
  toggle() {
    if (this.#film?.paused()) this.#film.play();
    else this.#film?.pause();
    this.#playing();
  }

  /** @param {number} frame to be shown */
  show(frame) {
    if (this.#answer) this.#film?.seek(middleOf(this.#answer.times, frame));
  }

  /** @param {number} frames forwards, or backwards where it is less than 0 */
  step(frames) {
    this.#film?.pause();
    this.show(this.frame + frames);
    this.#playing();
  }

  /** @param {number} speed one of SPEEDS */
  setSpeed(speed) {
    this.#speed = speed;
    this.#speeds.value = String(speed);
    this.#film?.setSpeed(speed);
  }

  /** @param {number} steps among SPEEDS, to faster or slower ones */
  faster(steps) {
    const at = SPEEDS.indexOf(this.#speed) + steps;
    this.setSpeed(SPEEDS[Math.min(Math.max(at, 0), SPEEDS.length - 1)]);
  }

  /** Exchange left and right of the picture, or back. */
  mirror() {
    const mirrored = this.#stage.classList.toggle("mirrored");
    this.#mirror.setAttribute("aria-pressed", String(mirrored));
  }

  /** @param {{ first: number, last: number } | null} stretch frames to be played again and again */
  loop(stretch) {
    this.#loop = stretch;
    this.#again.hidden = !stretch;
    if (!stretch) return;
    this.show(stretch.first);
    this.#film?.play();
    this.#playing();
  }

  /** Whether something is played again and again. */
  get loops() {
    return this.#loop !== null;
  }

  /** Draw the frame that is shown again, as what is off may have changed. */
  redraw() {
    const context = this.#canvas.getContext("2d");
    if (context) {
      drawSkeleton(context, this.#answer?.landmarks[this.frame] ?? null, this.offAt(this.frame));
    }
  }

  #sized() {
    const size = this.#answer?.size ?? [16, 9];
    const [width, height] = this.video ? [this.video.videoWidth, this.video.videoHeight] : size;
    // Enough for any screen, and not too many to be drawn for each frame.
    const scale = Math.min(1, 1280 / Math.max(width, height));
    this.#canvas.width = Math.round(width * scale);
    this.#canvas.height = Math.round(height * scale);
    this.#stage.style.setProperty("--ratio", String(width / height));
    this.#stage.style.aspectRatio = `${width} / ${height}`;
    this.redraw();
  }

  /** @param {number} frame */
  #shown(frame) {
    this.frame = frame;
    this.redraw();
    this.#time.textContent = text("player.time", { time: clock(this.time), frame });
    if (this.#loop && (frame > this.#loop.last || frame < this.#loop.first)) {
      this.show(this.#loop.first);
    }
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }));
    if (!this.video) this.#playing();
  }

  #playing() {
    this.#play.textContent = text(this.#film?.paused() ? "player.play" : "player.pause");
  }
}

customElements.define("dance-player", DancePlayer);
