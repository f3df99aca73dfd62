/** `<dance-sending>`: how far an analysis is, from the upload to the result. */

import { button, element } from "../dom.js";
import { named, number, text } from "../texts.js";
import { megabytes } from "./facts.js";

/** @typedef {import("../server/events.js").ServerEvent} ServerEvent */

/** Milliseconds between two announcements to those who hear the page. */
const ANNOUNCED = 5000;

/** Event: `cancel`. */
export class DanceSending extends HTMLElement {
  #bar = element("progress", { max: 1, "aria-label": text("sending.label") });
  #state = element("p", { className: "state" });
  #heard = element("p", { className: "hidden", role: "status" });
  #found = element("ul", { className: "found", "aria-label": text("sending.found") });
  #announced = 0;

  connectedCallback() {
    this.className = "card";
    this.replaceChildren(
      element("h2", { tabIndex: -1 }, text("sending.title")),
      this.#bar,
      this.#state,
      this.#heard,
      this.#found,
      element(
        "div",
        { className: "buttons" },
        button(text("cancel"), () => this.dispatchEvent(new CustomEvent("cancel"))),
      ),
    );
    this.#tell(text("sending.begins"));
  }

  /**
   * @param {number} sent bytes
   * @param {number} of
   */
  sent(sent, of) {
    this.#bar.value = sent / (of || 1);
    this.#tell(
      sent < of
        ? text("sending.upload", { sent: megabytes(sent), of: megabytes(of) })
        : text("sending.uploaded"),
    );
  }

  /** @param {ServerEvent} event as the service tells it, or `lost` */
  heard(event) {
    switch (event.event) {
      case "lost":
        this.#tell(text("sending.lost"));
        break;
      case "full":
        this.#tell(text("sending.full"));
        break;
      case "accepted":
      case "waiting":
        this.#bar.removeAttribute("value");
        this.#tell(
          event.place > 0 ? text("sending.place", { place: event.place }) : text("sending.starts"),
        );
        break;
      case "progress":
        this.#progress(event.frames, event.of, event.frames_per_second);
        break;
      case "pose":
        this.#found.append(element("li", {}, named(/** @type {any} */ (event))));
        break;
    }
  }

  /**
   * @param {number} frames
   * @param {number} of 0 where the file doesn't say
   * @param {number} speed frames a second
   */
  #progress(frames, of, speed) {
    if (frames === 0) {
      this.#tell(text("sending.starts"));
      return;
    }
    if (of > 0) this.#bar.value = frames / of;
    const values = { frames, of, speed: number(speed) };
    this.#tell(text(of > 0 ? "sending.progress" : "sending.frames", values));
  }

  /** @param {string} sentence */
  #tell(sentence) {
    this.#state.textContent = sentence;
    const now = performance.now();
    if (now - this.#announced < ANNOUNCED) return;
    this.#announced = now;
    this.#heard.textContent = sentence;
  }
}

customElements.define("dance-sending", DanceSending);
