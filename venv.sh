#!/bin/sh
# Make a virtual environment of a Python that the locked packages are made for:
#
#     ./venv.sh FOLDER
#
# It is the one that PYTHON names; or the first here that is a 3.11 or 3.12; or a 3.11 of uv, which
# downloads it.
set -eu

say() { printf '%s\n' "$@" >&2; }

# Asked by running it: a command of that name may be another version, or a stand-in for none at all.
fits() { "$1" -c 'import sys; sys.exit(sys.version_info[:2] not in [(3, 11), (3, 12)])' 2>/dev/null; }

# Debian and Ubuntu have this in a package of its own; without it the folder stays half made.
has_pip() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

if [ "${PYTHON:-}" ]; then
  if ! fits "$PYTHON"; then
    say "PYTHON is $PYTHON, which is no Python 3.11 or 3.12, or can't be run; name one, or none."
    exit 1
  elif ! has_pip "$PYTHON"; then
    say "$PYTHON has no ensurepip; on Debian and Ubuntu it is in the package python3.11-venv or python3.12-venv."
    exit 1
  fi
  exec "$PYTHON" -m venv --clear "$1"
fi

for python in python3.11 python3.12 python3 python; do
  if fits "$python" && has_pip "$python"; then exec "$python" -m venv --clear "$1"; fi
done

# Where pipx puts it is often not on the PATH yet.
for uv in uv "${HOME:-}/.local/bin/uv"; do
  # As a variable, because uv cleared unasked when it had no option for it.
  if command -v "$uv" >/dev/null; then UV_VENV_CLEAR=1 exec "$uv" venv --quiet --seed --python 3.11 "$1"; fi
done

say "This needs Python 3.11 or 3.12 with its venv module; install it, and then call make again:" \
  "  Debian 12:     sudo apt install python3.11-venv" \
  "  Ubuntu 24.04:  sudo apt install python3.12-venv" \
  "  Fedora:        sudo dnf install python3.12" \
  "  Debian 13:     sudo apt install pipx && pipx install uv (which brings a Python of its own)"
exit 1
