/** `<dance-recorder>`: records a video with the camera, after a countdown, and shows it before it is taken. */

import { openCamera } from "../camera.js";
import { button, choice, element, labelled } from "../dom.js";
import { clock, text } from "../texts.js";

/** What browsers can record, the best for other programs first. */
const FORMATS = [
  "video/mp4;codecs=avc1",
  "video/webm;codecs=vp9",
  "video/webm;codecs=vp8",
  "video/webm",
];

/** Seconds of countdown that can be chosen. */
const COUNTDOWNS = ["0", "3", "5", "10"];

/** Events: `recorded` with a File, `leave` where nothing is to be recorded. */
export class DanceRecorder extends HTMLElement {
  /** Seconds that a recording may last. */
  longest = 300;
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {MediaRecorder | null} */
  #recorder = null;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #ticking;
  /** What closes the camera, also one that comes only after it. */
  #closed = new AbortController();
  #countdown = 5;
  #video = element("video", { muted: true, playsInline: true, autoplay: true });
  #count = element("div", { className: "count", role: "timer" });
  #state = element("p", { role: "status" });
  #stage = element("div", { className: "stage" }, this.#video, this.#count);
  #record = button(text("record.start"), () => this.#begin(), {
    className: "main",
    disabled: true,
  });
  #stop = button(text("record.stop"), () => this.#end(), { className: "main", hidden: true });
  #mirror = element("input", { type: "checkbox", onchange: () => this.#mirrored() });
  #camera = choice(
    [
      ["environment", text("record.back")],
      ["user", text("record.front")],
    ],
    "environment",
    () => this.#open(),
  );
  #controls = element(
    "div",
    { className: "controls" },
    this.#record,
    this.#stop,
    button(text("cancel"), () => this.dispatchEvent(new CustomEvent("leave"))),
    labelled(
      text("record.countdown"),
      choice(
        COUNTDOWNS.map((value) => [value, text("record.seconds", { value })]),
        String(this.#countdown),
        (value) => {
          this.#countdown = Number(value);
        },
      ),
    ),
    labelled(text("record.camera"), this.#camera),
    labelled(text("record.mirror"), this.#mirror),
  );

  connectedCallback() {
    this.className = "card";
    this.replaceChildren(
      element("h2", { tabIndex: -1 }, text("record.title")),
      this.#state,
      this.#controls,
      this.#stage,
    );
    this.#open();
  }

  disconnectedCallback() {
    clearInterval(this.#ticking);
    if (this.#recorder) this.#recorder.onstop = null;
    this.#close();
  }

  /** Open the camera that is chosen. */
  async #open() {
    this.#close();
    this.#closed = new AbortController();
    const { signal } = this.#closed;
    this.#record.disabled = true;
    const facing = this.#camera.value === "user" ? "user" : "environment";
    try {
      const { stream, mirrors } = await openCamera(facing, signal);
      this.#stream = this.#video.srcObject = stream;
      this.#state.textContent = text("record.ready");
      this.#record.disabled = false;
      this.#mirror.checked = mirrors;
      this.#mirrored();
    } catch (problem) {
      if (!signal.aborted && problem instanceof Error) this.#state.textContent = problem.message;
    }
  }

  #close() {
    this.#closed.abort();
    this.#stream = null;
  }

  #mirrored() {
    this.#stage.classList.toggle("mirrored", this.#mirror.checked);
  }

  /** Count down, and record. */
  #begin() {
    const stream = this.#stream;
    if (!stream) return;
    let left = this.#countdown;
    this.#running(true);
    this.#stop.focus();
    const tick = () => {
      this.#count.textContent = left > 0 ? String(left) : "";
      if (left === 0) {
        clearInterval(this.#ticking);
        this.#start(stream);
      }
      left -= 1;
    };
    this.#ticking = setInterval(tick, 1000);
    tick();
  }

  /** @param {MediaStream} stream */
  #start(stream) {
    const mimeType = FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
    /** @type {Blob[]} */
    const parts = [];
    const recorder = new MediaRecorder(stream, { mimeType, videoBitsPerSecond: 5_000_000 });
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => {
      const type = recorder.mimeType.split(";")[0];
      const name = `recording.${type.includes("mp4") ? "mp4" : "webm"}`;
      this.#offer(new File(parts, name, { type }));
    };
    recorder.start(1000);
    this.#recorder = recorder;
    const began = performance.now();
    this.#ticking = setInterval(() => {
      const seconds = (performance.now() - began) / 1000;
      this.#state.textContent = text("record.running", { time: clock(seconds) });
      if (seconds >= this.longest) this.#end();
    }, 250);
  }

  /** Stop: what was recorded is shown, or nothing where it hasn't begun. */
  #end() {
    clearInterval(this.#ticking);
    this.#count.textContent = "";
    this.#running(false);
    if (this.#recorder?.state === "recording") this.#recorder.stop();
  }

  /** @param {boolean} runs whether it counts down or records: then the camera stays as it is */
  #running(runs) {
    this.#record.hidden = this.#camera.disabled = runs;
    this.#stop.hidden = !runs;
  }

  /** @param {File} recording to be looked at, and taken or not */
  #offer(recording) {
    const src = URL.createObjectURL(recording);
    const leave = () => {
      URL.revokeObjectURL(src);
      look.remove();
    };
    const take = () => {
      leave();
      this.dispatchEvent(new CustomEvent("recorded", { detail: recording }));
    };
    const again = () => {
      leave();
      this.#stage.hidden = this.#controls.hidden = false;
      this.#state.textContent = text("record.ready");
      this.#record.focus();
    };
    const taking = button(text("record.take"), take, { className: "main" });
    const look = element(
      "div",
      {},
      element("div", { className: "buttons" }, taking, button(text("record.again"), again)),
      element("video", { src, controls: true, playsInline: true, className: "recording" }),
    );
    this.#stage.hidden = this.#controls.hidden = true;
    this.#state.textContent = text("record.look");
    this.append(look);
    taking.focus();
  }
}

customElements.define("dance-recorder", DanceRecorder);
