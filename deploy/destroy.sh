#!/usr/bin/env bash
# Delete the service; with --images also the repository and every image in it:
#
#     deploy/destroy.sh [--images]
#
# STACK names the deployment (dance-poses). Logs go with the service; a certificate, a hosted zone, a token
# secret or a network that were given stay.
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
