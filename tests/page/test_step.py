"""The skeleton lies on the body of the frame that is shown."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Page

from dancer.film import film
from testing.videos import display_matrix, encode
from tests.page.conftest import sent, until

BLOCK = 16
BITS = 8

Pictures = Iterator[NDArray[np.uint8]]

LOOK = """
async ([places, speed]) => {
  const { get, all } = await import(new URL("static/page/results/store.js", location));
  const [{ id }] = await all();
  const { answer } = await get(id);
  const player = document.querySelector("dance-player");
  const { video } = player;
  const overlay = player.querySelector("canvas").getContext("2d", { willReadFrequently: true });
  const copy = Object.assign(document.createElement("canvas"), {
    width: video.videoWidth, height: video.videoHeight,
  });
  const picture = copy.getContext("2d", { willReadFrequently: true });
  const joints = { 15: "left", 16: "right", 13: "left", 14: "right", 27: "left", 28: "right" };

  /** The number of the frame in the picture itself. */
  const number = () => {
    picture.drawImage(video, 0, 0);
    let read = 0;
    for (let bit = 0; bit < BITS; bit += 1) {
      const [level] = picture.getImageData(bit * BLOCK + BLOCK / 2, BLOCK / 2, 1, 1).data;
      read += level > 127 ? 2 ** bit : 0;
    }
    return read;
  };
  /** Whether the drawn joints of both sides are where a frame's landmarks are. */
  const lies = (frame) => Object.entries(joints).every(([joint, side]) => {
    const [x, y] = answer.landmarks[frame]?.[joint] ?? [-1, -1];
    const { width, height } = overlay.canvas;
    const [red, , blue, alpha] = overlay.getImageData(x * width, y * height, 1, 1).data;
    return alpha > 200 && (side === "left" ? blue > red : red > blue);
  });
  const seen = () => {
    const frame = number();
    return { frame, shown: player.frame, lies: [0, -1, 1].some((off) => lies(frame + off)) };
  };
  const looks = [];
  if (speed === 0) {
    for (const place of places) {
      const shown = new Promise((resolve) => video.requestVideoFrameCallback(resolve));
      player.show(place);
      await shown;
      looks.push({ ...seen(), wanted: place });
    }
    return looks;
  }
  player.show(0);
  player.setSpeed(speed);
  player.toggle();
  return new Promise((resolve) => {
    const look = () => {
      if (player.frame >= places[looks.length]) looks.push(seen());
      if (looks.length === places.length) resolve(looks);
      else video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  });
}
""".replace("BITS", str(BITS)).replace("BLOCK", str(BLOCK))


def numbered(pictures: Pictures) -> Pictures:
    """Pictures with their numbers in black and white blocks at the top left."""
    for number, picture in enumerate(pictures):
        for bit in range(BITS):
            picture[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 255 * (number >> bit & 1)
        yield picture


def looked_at(page: Page, places: Sequence[int], speed: float) -> list[dict[str, Any]]:
    looks = page.evaluate(LOOK, [list(places), speed])
    assert isinstance(looks, list)
    return looks


@pytest.mark.parametrize("kind", ["plain", "uneven", "turned"])
def test_the_skeleton_lies_on_the_body_at_any_place_and_speed(
    kind: str, page: Page, tmp_path: Path
) -> None:
    # Arms go up and down all the time: another frame's skeleton lies elsewhere.
    score = [("T-Pose", None, 0.1), ("Arms V", None, 0.1)]
    danced = film(score, width=480, height=360, rest=0.1, transition=0.35)
    pictures: Pictures = numbered(danced.frames())
    path = tmp_path / f"{kind}.mp4"
    match kind:
        case "plain":
            encode(path, pictures, "libx264")
        case "uneven":
            steps = np.tile([0.02, 0.05, 0.03, 0.08], len(danced))[: len(danced)]
            encode(path, pictures, "libx264", times=np.cumsum(steps).tolist())
        case "turned":
            stored = (np.ascontiguousarray(np.rot90(picture)) for picture in pictures)
            encode(path, stored, "libx264", matrix=display_matrix(1j, -1))
    sent(page, path)
    until(page, "() => document.querySelector('dance-player').video.readyState >= 2")
    places = np.linspace(4, len(danced) - 12, 10).astype(int).tolist()
    for look in looked_at(page, places, 0):
        assert look["frame"] == look["shown"] == look["wanted"]
        assert look["lies"]
    for speed in (0.5, 1, 2) if kind == "plain" else (2,):
        looks = looked_at(page, places, speed)
        assert all(abs(look["frame"] - look["shown"]) <= 1 for look in looks), (speed, looks)
        assert all(look["lies"] for look in looks), (speed, looks)
        page.locator("dance-player").evaluate("player => player.toggle()")
