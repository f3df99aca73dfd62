/** A live session with the service, which opens itself again where the connection is lost. */

import { ROOT, ask } from "../server/calls.js";
import { limits } from "../server/limits.js";
import { Problem, UNREACHABLE, problemIn, unreachable } from "../server/problem.js";
import { askForToken, token } from "../server/token.js";
import { text } from "../texts.js";

/** @typedef {import("../server/types.js").Condition} Condition */
/** @typedef {import("../server/types.js").Landmark} Landmark */

/**
 * What the service tells, as /asyncapi.json describes it.
 *
 * @typedef {object} Holding
 * @property {string} pose
 * @property {"left" | "right" | null} side
 * @property {number} seconds
 * @property {number} score
 *
 * @typedef {Holding & { held: boolean, conditions: Condition[], advice: string | null,
 *     about: string | null }} Practised
 *
 * @typedef {object} Frame
 * @property {"frame"} event
 * @property {number} sent
 * @property {number} time
 * @property {Holding[]} poses
 * @property {Practised | null} practise
 * @property {{ reason: string, text: string }[]} trouble
 * @property {Landmark[] | null} landmarks
 *
 * @typedef {{ event: "hold" } & import("../server/types.js").Hold} TellsHold
 */

/**
 * @typedef {object} Watcher
 * @property {(frame: Frame) => void} onFrame
 * @property {(hold: TellsHold) => void} onHold
 * @property {() => void} onLost told where the connection is lost, and opened again
 * @property {(problem: Problem | null) => void} onOver told once, with what has ended it if it was
 *     not to be ended
 */

/**
 * @typedef {object} Session
 * @property {() => boolean} isFree whether the service wants another picture by now
 * @property {(picture: Blob) => void} send
 * @property {() => void} end have the last holds told, and then end it
 */

/** Codes with which a session is closed that goes on in another one. */
const GOES_ON = new Set([1006, 1012, 1013]);

/** The code of a connection that is lost, or has never been made. */
const LOST = 1006;

/** Seconds between two tries to open it again, at most. */
const LONGEST_PAUSE = 4;

/** How many tries in a row are in vain before it is given up: about a minute. */
const TRIES = 17;

/** So many pictures may be on their way: a slow network would hold more, all of them old. */
const MOST_ON_THE_WAY = 6;

/** For so long the last holds are waited for, in milliseconds. */
const PATIENCE = 5000;

/**
 * Open a session.
 *
 * @param {{ practise?: string }} wanted
 * @param {Watcher} watcher
 * @param {AbortSignal} signal that ends it at once
 * @returns {Session}
 */
export function openSession(wanted, { onFrame, onHold, onLost, onOver }, signal) {
  /** @type {WebSocket | null} */
  let socket = null;
  let isReady = false;
  let hasBeenReady = false;
  let isEnding = false;
  let isOver = false;
  let tries = 0;
  let sent = 0;
  let seen = -1;
  /** @type {Problem | null} */
  let told = null;

  const isOpen = () => isReady && !isEnding && socket?.readyState === WebSocket.OPEN;

  /** @param {Problem | null} problem */
  const over = (problem) => {
    if (isOver || signal.aborted) return;
    isOver = true;
    onOver(problem);
  };

  const open = async () => {
    if (limits().token && !token() && !(await askForToken())) {
      over(new Problem("unauthorized", text("token.missing")));
    }
    if (signal.aborted || isOver) return;
    [isReady, sent, seen, told] = [false, 0, -1, null];
    socket = new WebSocket(address(), protocols());
    socket.onopen = () => socket?.send(JSON.stringify(wanted));
    socket.onmessage = ({ data }) => heard(JSON.parse(data));
    socket.onclose = ({ code }) => void closed(code);
  };

  /** @param {{ event: string, [name: string]: any }} event */
  const heard = (event) => {
    if (signal.aborted) return;
    if (event.event === "ready") {
      [isReady, hasBeenReady] = [true, true];
    } else if (event.event === "frame") {
      tries = 0;
      seen = event.sent;
      onFrame(/** @type {Frame} */ (event));
    } else if (event.event === "hold") {
      onHold(/** @type {TellsHold} */ (event));
    } else if (event.event === "error") {
      told = problemIn(JSON.stringify(event), event.status);
    }
  };

  /** @param {number} code */
  const closed = async (code) => {
    const wasReady = isReady;
    isReady = false;
    if (signal.aborted || isOver) return;
    if (isEnding) return over(null);
    if (code === LOST && !wasReady && !hasBeenReady) {
      const problem = await whyNot();
      if (signal.aborted) return;
      return problem ? over(problem) : open();
    }
    if (!GOES_ON.has(code) || tries === TRIES) {
      return over(told ?? new Problem("closed", text("live.closed")));
    }
    onLost();
    await pause(Math.min(2 ** (tries - 1), LONGEST_PAUSE), signal);
    tries += 1;
    if (isEnding) over(null);
    else await open();
  };

  signal.addEventListener("abort", () => socket?.close());
  void open();
  return {
    isFree: () => isOpen() && !socket?.bufferedAmount && sent - 1 - seen < MOST_ON_THE_WAY,
    send: (picture) => {
      if (!isOpen()) return;
      socket?.send(picture);
      sent += 1;
    },
    end: () => {
      const mayTell = isOpen();
      isEnding = true;
      if (!mayTell) return over(null);
      socket?.send(JSON.stringify({ end: true }));
      setTimeout(() => over(null), PATIENCE);
    },
  };
}

/** @returns {string} where sessions are opened */
function address() {
  const there = new URL("live", ROOT);
  there.protocol = there.protocol === "https:" ? "wss:" : "ws:";
  return there.href;
}

/** @returns {string[]} the protocols of the connection, one of which is the token */
function protocols() {
  const bytes = new TextEncoder().encode(token());
  const coded = btoa(String.fromCharCode(...bytes));
  const bearer = coded.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return token() ? ["dance", `bearer.${bearer}`] : ["dance"];
}

/**
 * Find out why no connection was made, as far as that can be: browsers don't tell what the service
 * has answered, but it answers without a connection as well.
 *
 * @returns {Promise<Problem | null>} null where there is a token now that is taken
 */
async function whyNot() {
  const used = token();
  try {
    await ask("live");
  } catch (problem) {
    if (!(problem instanceof Problem)) return unreachable();
    // It only minds that it was no connection, and doesn't tell whether a place is free.
    if (problem.kind !== "bad-request") return problem;
    if (token() !== used) return null;
  }
  return new Problem(UNREACHABLE, text("live.unopened"));
}

/**
 * @param {number} seconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>} when they have passed, or it is over anyway
 */
function pause(seconds, signal) {
  return new Promise((resolve) => {
    setTimeout(resolve, seconds * 1000);
    signal.addEventListener("abort", () => resolve());
  });
}
