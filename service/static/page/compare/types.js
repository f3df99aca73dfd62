/**
 * What the service answers where a dancer is compared, as /openapi.json describes it.
 *
 * @typedef {object} Both
 * @property {number} start seconds of the dancer's video
 * @property {number} end
 * @property {number} reference_start seconds of the reference's
 * @property {number} reference_end
 *
 * @typedef {Both & { limb: string | null, degrees: number, text: string }} Moment
 *
 * @typedef {Both & { seconds: number, text: string }} Off
 *
 * @typedef {"held" | "longer" | "shorter" | "other side" | "alike" | "missed"} Became
 *
 * @typedef {object} ComparedPose
 * @property {string} pose
 * @property {"left" | "right" | null} side
 * @property {Became} result
 * @property {number} expected seconds of the dancer's video
 * @property {number | null} start
 * @property {string} text
 *
 * @typedef {object} Difference
 * @property {number} time
 * @property {number} reference_time
 * @property {number} degrees
 *
 * @typedef {object} Alike
 * @property {true} same_dance
 * @property {string} text
 * @property {number} score 0 to 1
 * @property {number} degrees
 * @property {boolean} mirrored
 * @property {Both} compared
 * @property {{ tempo_ratio: number | null, off: Off[] }} timing
 * @property {Moment[]} moments
 * @property {ComparedPose[]} poses
 * @property {Difference[]} differences
 *
 * @typedef {Alike | { same_dance: false, text: string, score: number }} Comparison
 */

export {};
