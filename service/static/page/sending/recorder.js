/** `<dance-recorder>`: records a video with the camera, after a countdown. */

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
  #facing = "environment";
  #countdown = 5;
  #video = element("video", { muted: true, playsInline: true, autoplay: true });
  #count = element("div", { className: "count", role: "timer" });
  #state = element("p", { role: "status" });
  #stage = element("div", { className: "stage" }, this.#video, this.#count);
  #mirror = element("input", { type: "checkbox", onchange: () => this.#mirrored() });
  #record = button(text("record.start"), () => this.#begin(), {
    className: "main",
    disabled: true,
  });
  #stop = button(text("record.stop"), () => this.#end(), { className: "main", hidden: true });

  connectedCallback() {
    const facing = /** @type {[string, string][]} */ ([
      ["environment", text("record.back")],
      ["user", text("record.front")],
    ]);
    const seconds = COUNTDOWNS.map(
      (value) => /** @type {[string, string]} */ ([value, text("record.seconds", { value })]),
    );
    this.className = "card";
    this.replaceChildren(
      element("h2", { tabIndex: -1 }, text("record.title")),
      this.#stage,
      this.#state,
      element(
        "div",
        { className: "controls" },
        this.#record,
        this.#stop,
        labelled(
          text("record.countdown"),
          choice(seconds, "5", (value) => (this.#countdown = Number(value))),
        ),
        labelled(
          text("record.camera"),
          choice(facing, this.#facing, (value) => this.#open(value)),
        ),
        labelled(text("record.mirror"), this.#mirror),
        button(text("cancel"), () => this.dispatchEvent(new CustomEvent("leave"))),
      ),
    );
    this.#open(this.#facing);
  }

  disconnectedCallback() {
    clearInterval(this.#ticking);
    if (this.#recorder) this.#recorder.onstop = null;
    this.#close();
  }

  /** @param {string} facing which camera is to be used */
  async #open(facing) {
    this.#facing = facing;
    this.#close();
    this.#record.disabled = true;
    if (!navigator.mediaDevices) {
      this.#state.textContent = text("camera.insecure");
      return;
    }
    try {
      const video = { facingMode: facing, width: { ideal: 1280 }, height: { ideal: 720 } };
      this.#stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    } catch (error) {
      this.#state.textContent = troubleOf(error);
      return;
    }
    if (!this.isConnected) {
      this.#close();
      return;
    }
    this.#video.srcObject = this.#stream;
    this.#state.textContent = text("record.ready");
    this.#record.disabled = false;
    // The front camera is looked at as a mirror is.
    this.#mirror.checked = facing === "user";
    this.#mirrored();
  }

  #close() {
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
  }

  #mirrored() {
    this.#stage.classList.toggle("mirrored", this.#mirror.checked);
  }

  /** Count down, and record. */
  #begin() {
    let left = this.#countdown;
    this.#record.hidden = true;
    this.#stop.hidden = false;
    this.#stop.focus();
    const tick = () => {
      this.#count.textContent = left > 0 ? String(left) : "";
      if (left === 0) {
        clearInterval(this.#ticking);
        this.#start();
      }
      left -= 1;
    };
    this.#ticking = setInterval(tick, 1000);
    tick();
  }

  #start() {
    if (!this.#stream) return;
    const mimeType = FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
    /** @type {Blob[]} */
    const parts = [];
    const recorder = new MediaRecorder(this.#stream, { mimeType, videoBitsPerSecond: 5_000_000 });
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => {
      const type = recorder.mimeType.split(";")[0];
      const name = `recording.${type.includes("mp4") ? "mp4" : "webm"}`;
      this.dispatchEvent(new CustomEvent("recorded", { detail: new File(parts, name, { type }) }));
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

  /** Stop: what was recorded is told, or nothing where it hasn't begun. */
  #end() {
    clearInterval(this.#ticking);
    this.#count.textContent = "";
    this.#record.hidden = false;
    this.#stop.hidden = true;
    if (this.#recorder?.state === "recording") this.#recorder.stop();
  }
}

/** @param {unknown} error of getUserMedia @returns {string} a sentence with the next step */
function troubleOf(error) {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return text("camera.forbidden");
  if (name === "NotFoundError" || name === "OverconstrainedError") return text("camera.none");
  return text("camera.busy");
}

customElements.define("dance-recorder", DanceRecorder);
