/**
 * What the service answers, as /openapi.json and /asyncapi.json describe it.
 *
 * @typedef {object} Condition
 * @property {string} quantity
 * @property {number | null} value null where it can't be measured
 * @property {number | null} low
 * @property {number | null} high
 * @property {string} unit
 * @property {boolean} held
 * @property {string[]} joints
 *
 * @typedef {object} Hold
 * @property {string} pose
 * @property {"left" | "right" | null} side
 * @property {number} first
 * @property {number} last
 * @property {number} best
 * @property {number} start seconds
 * @property {number} end seconds
 * @property {number} score 0 to 1
 * @property {number} [turns]
 * @property {Condition[]} conditions
 *
 * @typedef {Hold & { reason: string, off: Condition[] }} NearMiss
 *
 * @typedef {object} Undecidable
 * @property {string} pose
 * @property {number} first
 * @property {number} last
 * @property {number} start
 * @property {number} end
 * @property {string} reason
 *
 * @typedef {[x: number, y: number, z: number, visibility: number]} Landmark x and y as parts of the
 *     width and height of the picture
 *
 * @typedef {object} Advice
 * @property {string} reason
 * @property {string} text
 *
 * @typedef {object} Answer
 * @property {Record<string, number[]>} detected_poses
 * @property {number} total_frames
 * @property {Hold[]} segments
 * @property {NearMiss[]} near_misses
 * @property {Undecidable[]} undecidable
 * @property {{ width: number, height: number, rotation: number, duration: number,
 *     frames_with_person: number, frame_rate: number | null, advice: Advice[] }} video
 * @property {[width: number, height: number]} size
 * @property {number[]} times seconds of each frame
 * @property {(Landmark[] | null)[]} landmarks
 * @property {(number[][] | null)[]} world_landmarks what a comparison wants of a reference
 * @property {Record<string, (number | null)[]>} angles by joint, in degrees
 *
 * @typedef {object} Pose
 * @property {string} name
 * @property {string} family
 * @property {string} description
 * @property {string} source
 * @property {Record<string, string>} aliases the school of each other name
 * @property {string[]} sides
 * @property {string[]} views
 * @property {string} grade
 * @property {boolean} experimental
 * @property {number | null} min_hold
 * @property {"static" | "movement"} kind
 * @property {string | null} drawing
 *
 * @typedef {object} Limits
 * @property {number} bytes
 * @property {number} seconds
 * @property {number} pixels
 * @property {boolean} token whether one is wanted
 * @property {number} kept_seconds how long the service keeps a result that nobody fetches
 */

export {};
