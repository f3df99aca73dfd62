/** Pictures of the camera, as the service takes them. */

/** As many a second at most as it looks at. */
const A_SECOND = 30;

/** Pixels of the longer side at most: with more a dancer isn't found better. */
const LONGEST = 640;

const QUALITY = 0.8;

/** For so long a camera gets used to the light, in milliseconds; its first pictures are dark. */
const GETS_USED = 500;

/**
 * Take pictures until the signal ends it.
 *
 * @param {HTMLVideoElement} video that shows the camera
 * @param {() => boolean} isWanted whether one may be taken now
 * @param {(message: Blob) => void} send given each, with its time before it
 * @param {AbortSignal} signal
 */
export function takePictures(video, isWanted, send, signal) {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { alpha: false });
  let isCompressing = false;
  let last = performance.now() + GETS_USED;

  const take = () => {
    const now = performance.now();
    // A little early counts as well, as the frames of a camera come when they come.
    if (isCompressing || !video.videoWidth || now - last < 900 / A_SECOND || !isWanted()) return;
    last = now;
    const scale = Math.min(1, LONGEST / Math.max(video.videoWidth, video.videoHeight));
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    context?.drawImage(video, 0, 0, canvas.width, canvas.height);
    isCompressing = true;
    canvas.toBlob(
      (picture) => {
        isCompressing = false;
        if (picture && !signal.aborted) send(timed(picture, now / 1000));
      },
      "image/jpeg",
      QUALITY,
    );
  };
  onEachFrame(video, take, signal);
}

/**
 * @param {Blob} picture
 * @param {number} seconds
 * @returns {Blob} the picture with its time before it, as a big-endian float64
 */
export function timed(picture, seconds) {
  const time = new DataView(new ArrayBuffer(8));
  time.setFloat64(0, seconds);
  return new Blob([time, picture]);
}

/**
 * @param {HTMLVideoElement} video
 * @param {() => void} look called for each frame that is shown
 * @param {AbortSignal} signal that ends it
 */
function onEachFrame(video, look, signal) {
  const knowsFrames = "requestVideoFrameCallback" in video;
  const next = () => {
    if (signal.aborted) return;
    look();
    wait();
  };
  const wait = () => {
    if (knowsFrames) video.requestVideoFrameCallback(next);
    else requestAnimationFrame(next);
  };
  wait();
}
