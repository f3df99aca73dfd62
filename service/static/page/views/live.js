/** The view in which somebody dances before the camera, and is told at once how it is. */

import { element } from "../dom.js";
import { openCamera } from "../camera.js";
import { keepAwake } from "../live/awake.js";
import { newHolds } from "../live/holds.js";
import { lost, momentOf, waiting } from "../live/moment.js";
import { takePictures } from "../live/pictures.js";
import { openSession } from "../live/session.js";
import { newSetup } from "../live/setup.js";
import { newStage } from "../live/stage.js";
import { after, notYet } from "../live/start.js";
import { newTeacher } from "../live/teacher.js";
import { newVoice } from "../live/voice.js";
import { styled } from "../look.js";
import { ask } from "../server/calls.js";
import { Problem, unreachable } from "../server/problem.js";
import { text } from "../texts.js";

/** @typedef {import("../live/setup.js").Wish} Wish */

/**
 * @param {HTMLElement} place
 * @param {string} rest the name of a pose to practise, or ""
 * @param {AbortSignal} signal
 */
export async function show(place, rest, signal) {
  const heading = element("h1", {}, text("live.title"));
  const intro = element("p", {}, text("live.intro"));
  const problems = element("div", { role: "alert" });
  place.append(heading, intro, problems);

  /** @param {unknown} problem */
  const tell = (problem) => {
    if (signal.aborted) return;
    const { message } = problem instanceof Problem ? problem : unreachable();
    problems.replaceChildren(element("p", { className: "card problem" }, message));
  };
  try {
    const [answer] = await Promise.all([ask("poses", { signal }), styled("live.css")]);
    /** @type {{ poses: import("../server/types.js").Pose[] }} */
    const { poses } = await answer.json();
    if (signal.aborted) return;
    const still = poses.filter(({ kind }) => kind === "static");
    const danced = element("div");
    const setup = newSetup(still, rest, async (wish) => {
      problems.replaceChildren();
      const over = new AbortController();
      const leave = () => over.abort();
      signal.addEventListener("abort", leave);
      begin.disabled = true;
      try {
        await dance(wish, danced, over, () => (setup.hidden = intro.hidden = true));
      } catch (problem) {
        tell(problem);
      }
      leave();
      signal.removeEventListener("abort", leave);
      setup.hidden = intro.hidden = begin.disabled = false;
      if (!signal.aborted) begin.focus();
    });
    const begin = /** @type {HTMLButtonElement} */ (setup.querySelector("button.main"));
    place.append(setup, danced);
  } catch (problem) {
    tell(problem);
  }
}

/**
 * @param {import("../live/session.js").Frame} frame
 * @returns {Set<string>} the joints to be corrected: none while it holds, or nothing can be told
 */
function jointsOff({ practise, trouble }) {
  if (!practise || practise.held || trouble.length) return new Set();
  return new Set(practise.conditions.filter(({ held }) => !held).flatMap(({ joints }) => joints));
}

/**
 * Dance until it is stopped.
 *
 * @param {Wish} wish
 * @param {HTMLElement} place
 * @param {AbortController} over
 * @param {() => void} onOpen told when the camera is open
 * @returns {Promise<void>} when it is over
 * @throws {Problem} that has ended it
 */
async function dance({ practise, drawing, facing, speech }, place, over, onOpen) {
  const { signal } = over;
  // First, while the button is being pressed.
  const voice = newVoice(signal);
  voice.turn(speech);
  const camera = await openCamera(facing, signal);
  onOpen();
  const holds = newHolds();
  const teach = newTeacher(voice);
  let moment = waiting();
  let start = notYet();

  const problem = await new Promise((resolve) => {
    /** @param {import("../live/moment.js").Moment} next */
    const tell = (next) => {
      if (start.begun) teach(next, moment);
      moment = next;
      stage.tell(moment);
    };
    const session = openSession(
      practise ? { practise } : {},
      {
        onFrame: (frame) => {
          start = after(start, frame, stage.ratio());
          stage.draw(frame.landmarks, jointsOff(frame));
          tell(momentOf(frame, start.begun, moment));
        },
        onHold: holds.add,
        onLost: () => {
          stage.draw(null, new Set());
          tell(lost());
        },
        onOver: resolve,
      },
      signal,
    );
    const stage = newStage(camera, holds.best, drawing, {
      speech,
      onSpeech: voice.turn,
      onStop: () => {
        stage.stop.disabled = true;
        session.end();
      },
    });
    place.replaceChildren(stage.place, holds.list);
    tell(moment);
    stage.stop.focus({ preventScroll: true });
    stage.place.scrollIntoView();
    keepAwake(signal);
    takePictures(stage.video, session.isFree, session.send, signal);
    for (const track of camera.stream.getTracks()) {
      track.onended = () => resolve(new Problem("camera", text("live.camera.gone")));
    }
    signal.addEventListener("abort", () => resolve(null));
  });
  over.abort();
  // What was danced stays to be looked at.
  place.replaceChildren(holds.best, holds.list);
  if (problem) throw problem;
}
