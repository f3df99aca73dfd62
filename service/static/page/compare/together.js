/** The two beside each other and in step: the dancer leads, the reference follows. */

import { button, element, labelled } from "../dom.js";
import { choiceOfSpeed } from "../player/speed.js";
import { clock, text } from "../texts.js";
import { sideOf } from "./side.js";

/** @typedef {import("./side.js").Shown} Shown */
/** @typedef {import("./step.js").Step} Step */

/** Seconds that a step goes on: a frame, at thirty a second. */
const FRAME = 1 / 30;

/** Seconds behind the begin of a frame that are sought: it is shown then, however times are rounded. */
const INSIDE = 0.005;

/** Seconds that the two may be out of step. */
const OUT = 0.08;

/** Seconds from which on the reference leaps, and doesn't hurry. */
const FAR = 0.5;

/** Seconds in which it makes up for what it is behind. */
const CATCHING_UP = 0.5;

/** How slow and how fast browsers play at least. */
const [SLOWEST, FASTEST] = [0.1, 4];

/**
 * @typedef {object} Together
 * @property {HTMLElement} place
 * @property {(seconds: number) => void} seek both, to a moment of the dancer's video
 * @property {() => void} close
 */

/**
 * Play two in step.
 *
 * @param {Shown} dancer
 * @param {Shown} reference
 * @param {Step} step
 * @param {{ mirrored: boolean, onTime: (seconds: number) => void }} options whether the reference is
 *     shown in the mirror, and who is told the time of the dancer's video
 * @returns {Together}
 */
export function together(dancer, reference, step, { mirrored, onTime }) {
  let speed = 1;
  const own = sideOf(dancer, { onFrame: (time) => follow(time), onState: () => changed() });
  const theirs = sideOf(reference, { onFrame: () => undefined, onState: () => undefined });
  // The music is the same, and only in step by and large.
  const { video } = theirs.film();
  if (video) video.muted = true;

  const toggle = button(text("player.play"), () => toggled(), { className: "main" });
  const mirror = button(text("compare.mirrorReference"), () => reflect(), {
    "aria-pressed": "false",
  });
  const time = element("span", { className: "time" });
  const position = element("input", {
    type: "range",
    min: "0",
    step: "0.1",
    value: "0",
    oninput: () => seek(position.valueAsNumber),
  });

  /** Have the reference be where the dancer is. @param {number} now */
  const follow = (now) => {
    const [wanted, end] = [step.theirs(now), theirs.end()];
    const target = Math.min(Math.max(wanted, 0), end);
    const off = target - theirs.time();
    const late = Math.abs(off) > OUT ? off / CATCHING_UP : 0;
    const pace = speed * (step.pace(now) + late);
    const film = theirs.film();
    if (own.film().paused() || wanted <= 0 || wanted >= end || pace < SLOWEST) {
      film.pause();
      if (Math.abs(off) > INSIDE) theirs.seek(target + INSIDE);
    } else {
      if (Math.abs(off) > FAR) theirs.seek(target);
      film.setSpeed(Math.min(pace, FASTEST));
      if (film.paused()) film.play();
    }
    tell(now, target);
  };
  /** @param {number} now @param {number} there */
  const tell = (now, there) => {
    const values = { time: clock(now), reference: clock(there) };
    time.textContent = text("compare.time", values);
    position.value = String(now);
    position.setAttribute("aria-valuetext", clock(now));
    toggle.textContent = text(own.film().paused() ? "player.play" : "player.pause");
    onTime(now);
  };
  const changed = () => {
    position.max = String(own.end());
    follow(own.time());
  };
  const toggled = () => {
    if (own.film().paused()) own.film().play();
    else own.film().pause();
    changed();
  };
  /** @param {number} seconds */
  const seek = (seconds) => {
    own.seek(Math.min(Math.max(seconds, 0), own.end()) + INSIDE);
    follow(own.time());
  };
  /** @param {number} frames */
  const stepBy = (frames) => {
    own.film().pause();
    seek(own.time() + frames * FRAME);
  };
  const reflect = () => {
    const reflected = theirs.stage.classList.toggle("mirrored");
    mirror.setAttribute("aria-pressed", String(reflected));
  };
  const speeds = choiceOfSpeed((chosen) => {
    speed = chosen;
    own.film().setSpeed(speed);
    follow(own.time());
  });
  /** @param {number} frames @param {string} label @param {string} sign */
  const stepper = (frames, label, sign) =>
    button(sign, () => stepBy(frames), { "aria-label": label, title: label });
  own.stage.onclick = theirs.stage.onclick = toggled;
  if (mirrored) reflect();

  return {
    place: element(
      "div",
      {},
      element("div", { className: "sides" }, own.place, theirs.place),
      labelled(text("compare.position"), position),
      element(
        "div",
        { className: "controls", role: "group", "aria-label": text("player.controls") },
        stepper(-1, text("player.back"), "◂|"),
        toggle,
        stepper(1, text("player.forward"), "|▸"),
        time,
        labelled(text("player.speed"), speeds),
        mirror,
      ),
    ),
    seek,
    close: () => {
      own.close();
      theirs.close();
    },
  };
}
