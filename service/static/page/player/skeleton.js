/** The skeleton over a picture: the dancer's left in blue, the right in orange, what is off in red. */

/** @typedef {import("../server/types.js").Landmark} Landmark */

/** The landmarks of MediaPipe Pose by name, in their order. */
export const LANDMARKS = Object.freeze([
  ...["nose", "left_eye_inner", "left_eye", "left_eye_outer"],
  ...["right_eye_inner", "right_eye", "right_eye_outer", "left_ear", "right_ear"],
  ...["mouth_left", "mouth_right", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow"],
  ...["left_wrist", "right_wrist", "left_pinky", "right_pinky", "left_index", "right_index"],
  ...["left_thumb", "right_thumb", "left_hip", "right_hip", "left_knee", "right_knee"],
  ...["left_ankle", "right_ankle", "left_heel", "right_heel", "left_foot_index"],
  "right_foot_index",
]);

/** Which landmarks a line joins. */
const LINES = Object.freeze([
  ...[
    [11, 12],
    [23, 24],
    [11, 23],
    [12, 24],
  ],
  ...[
    [11, 13],
    [13, 15],
    [15, 19],
    [12, 14],
    [14, 16],
    [16, 20],
  ],
  ...[
    [23, 25],
    [25, 27],
    [27, 29],
    [27, 31],
    [29, 31],
  ],
  ...[
    [24, 26],
    [26, 28],
    [28, 30],
    [28, 32],
    [30, 32],
  ],
]);

/** The landmarks that are drawn as points: the nose, and those of the body. */
const POINTS = Object.freeze([0, ...Array.from({ length: 22 }, (_, index) => index + 11)]);

/** The visibility below which a landmark is guessed, and not drawn. */
const SEEN = 0.1;

/** Colours that can be told apart on any video, also by who sees red and green alike. */
export const COLOURS = Object.freeze({
  left: "#4aa8ff",
  right: "#ff9a2e",
  middle: "#f4f4f4",
  off: "#ff2d55",
  outline: "#000000b0",
});

/**
 * Draw the skeleton of a frame; nothing where nobody is seen.
 *
 * @param {CanvasRenderingContext2D} context of a canvas that covers the picture
 * @param {Landmark[] | null} landmarks
 * @param {ReadonlySet<string>} off the names of the joints that are off
 */
export function drawSkeleton(context, landmarks, off) {
  const { width, height } = context.canvas;
  context.clearRect(0, 0, width, height);
  if (!landmarks) return;
  const thickness = Math.max(3, Math.min(width, height) / 110);
  /** @param {number} index @returns {[number, number]} */
  const place = (index) => [landmarks[index][0] * width, landmarks[index][1] * height];
  /** @param {number} index */
  const seen = (index) => landmarks[index][3] >= SEEN;
  context.lineCap = "round";
  const lines = LINES.filter((line) => line.every(seen));
  // The outline of all first, so that it cuts through no line.
  for (const outline of [true, false]) {
    for (const [from, to] of lines) {
      context.strokeStyle = outline ? COLOURS.outline : colourOf(from, to, off);
      context.lineWidth = outline ? thickness + 3 : thickness;
      context.beginPath();
      context.moveTo(...place(from));
      context.lineTo(...place(to));
      context.stroke();
    }
  }
  for (const index of POINTS.filter(seen)) {
    context.fillStyle = colourOf(index, index, off);
    context.beginPath();
    context.arc(...place(index), thickness * (off.has(LANDMARKS[index]) ? 1.8 : 1.1), 0, 7);
    context.fill();
  }
}

/**
 * @param {number} from
 * @param {number} to
 * @param {ReadonlySet<string>} off
 * @returns {string} the colour of a line between two landmarks
 */
function colourOf(from, to, off) {
  const [one, other] = [LANDMARKS[from], LANDMARKS[to]];
  if (off.has(one) && off.has(other)) return COLOURS.off;
  if (one.startsWith("left") && other.startsWith("left")) return COLOURS.left;
  if (one.startsWith("right") && other.startsWith("right")) return COLOURS.right;
  return COLOURS.middle;
}
