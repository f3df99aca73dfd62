"""The obvious design, to measure against: the naive loop, called inside the request.

cv2.VideoCapture, cvtColor, mediapipe.solutions.pose.Pose and one rule, as a first version of such a
service has them; served by gunicorn with gevent workers.
"""

import tempfile
from typing import Any

import cv2
import mediapipe
from flask import Flask, Response, jsonify, request

app = Flask(__name__)


def t_pose(landmarks: Any) -> bool:
    """Both wrists at about shoulder height."""
    pairs = ((15, 11), (16, 12))
    return all(abs(landmarks[wrist].y - landmarks[shoulder].y) < 0.05 for wrist, shoulder in pairs)


def naive_analysis(path: str) -> dict[str, Any]:
    """Give the frames of a T-Pose as the obvious loop finds them."""
    frames = []
    total = 0
    capture = cv2.VideoCapture(path)
    with mediapipe.solutions.pose.Pose() as pose:
        while True:
            decoded, picture = capture.read()
            if not decoded:
                break
            found = pose.process(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
            if found.pose_landmarks and t_pose(found.pose_landmarks.landmark):
                frames.append(total)
            total += 1
    capture.release()
    return {"detected_poses": {"T-Pose": frames} if frames else {}, "total_frames": total}


@app.post("/analyze")
def analyze() -> Response:
    """Analyse inside the request."""
    with tempfile.NamedTemporaryFile(suffix=".mp4") as file:
        request.files["video"].save(file.name)
        return jsonify(naive_analysis(file.name))


@app.get("/health")
def health() -> Response:
    """Say that the process runs."""
    return jsonify(status="healthy")
