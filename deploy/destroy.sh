#!/usr/bin/env bash
# Delete the service; with --images also the repository and every image in it:
#
#     deploy/destroy.sh [--images]
#
# STACK names the deployment (dance-poses). Logs go with the service; a certificate, a hosted zone, a token
# secret, a database or a network that were given stay, and so do the bucket of background analyses, which
# empties itself within a week, and a last snapshot of their database.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=deploy/common.sh
source ./common.sh

[[ $# -eq 0 || $* == --images ]] || fail "Usage: deploy/destroy.sh [--images]"
check_tools
say "Service: this takes some minutes"
remove "$STACK"
if [[ ${1:-} == --images ]]; then
  say "Repository"
  remove "$STACK-images"
fi
say "Deleted"
