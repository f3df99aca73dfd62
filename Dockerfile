FROM python:3.11-slim@sha256:45037981b62b34b44602584fccbc4d884d5f7dc92c7ee86bb38a698a79fe1e51 AS build
WORKDIR /app
COPY requirements.txt ./
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --no-compile --no-deps --require-hashes -r requirements.txt \
 && /opt/venv/bin/pip uninstall --yes pip setuptools \
 # The packages' own tests and the models of other tasks than pose are never loaded here.
 && find /opt/venv -type d -name tests -prune -exec rm -r {} + \
 && find /opt/venv -name "*.tflite" -not -path "*/pose_*" -delete \
 # Nor OpenCV's detectors of faces.
 && find /opt/venv -name "haarcascade_*.xml" -delete \
 # Nor what the engine has for the chips of other makers.
 && find /opt/venv -path "*/ai_edge_litert/*" -type d \( -name vendors -o -name tools \) -prune -exec rm -r {} + \
 && /opt/venv/bin/python -m compileall -q /opt/venv
COPY analyzer analyzer
# Made here, because the root file system is read-only where this runs.
ENV MODEL_DIRECTORY=/opt/model
RUN /opt/venv/bin/python -m analyzer.estimation.model

FROM python:3.11-slim@sha256:45037981b62b34b44602584fccbc4d884d5f7dc92c7ee86bb38a698a79fe1e51
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 \
    MODEL_DIRECTORY=/opt/model STATE_DIRECTORY=/tmp/dance-poses
COPY --from=build /opt /opt
WORKDIR /app
COPY gunicorn.conf.py pyproject.toml server.py ./
COPY analyzer analyzer
COPY cli cli
COPY service service
# For a volume that outlives the container, which then belongs to who runs here.
RUN install -d -o 10001 /state
USER 10001
# Where uploads lie; named here so that a volume there belongs to all, and not to root alone.
VOLUME ["/tmp"]
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ.get(\"PORT\", 8080)}/health', timeout=4)"]
CMD ["gunicorn"]
