#!/usr/bin/env bash
# Deploy the service, or change how it is deployed:
#
#     deploy/deploy.sh [PARAMETER=VALUE ...]
#
# PARAMETER is one of deploy/service.yaml; those not given keep the value that they had. STACK names the
# deployment (dance-poses); where it goes is for the AWS CLI to know (AWS_REGION, AWS_PROFILE). The image is
# built from the commit that is checked out and tagged with it (and with -arm64, where it is for that); one
# that is there already is not built again.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=deploy/common.sh
source ./common.sh

check_tools
for argument in "$@"; do
  [[ $argument == [A-Z]*=* ]] || fail "$argument is no PARAMETER=VALUE; deploy/service.yaml lists the parameters."
done
commit=$(git rev-parse --verify --quiet "HEAD^{commit}") || fail "This is no git checkout; the image is tagged with its commit."
[[ -z $(git -C .. status --porcelain --untracked-files=no) ]] ||
  fail "There are changes that are not committed; the image is built from the commit. Commit them first."

architecture=$(parameter "$STACK" Architecture)
for argument in "$@"; do
  if [[ $argument == Architecture=* ]]; then architecture=${argument#*=}; fi
done
case ${architecture:-X86_64} in
  X86_64) platform=linux/amd64 tag=$commit ;;
  ARM64) platform=linux/arm64 tag=$commit-arm64 ;;
  *) fail "Architecture is '$architecture'; it can be X86_64 or ARM64." ;;
esac

say "Repository"
update "$STACK-images" repository.yaml
repository=$(output "$STACK-images" RepositoryUri)
registry=${repository%%/*}
image=$repository:$tag

if aws ecr describe-images --repository-name "${repository#*/}" --image-ids "imageTag=$tag" >/dev/null 2>&1; then
  say "Image of ${commit:0:12} for $platform: there already"
else
  say "Image of ${commit:0:12} for $platform: building and pushing"
  command -v docker >/dev/null || fail "docker is not installed; it builds the image."
  docker info >/dev/null 2>&1 || fail "docker does not answer; start its engine."
  # An archive of the commit, so that nothing else can get in.
  git -C .. archive "$commit" | BUILDX_NO_DEFAULT_ATTESTATIONS=1 docker build --platform "$platform" --tag "$image" - >&2 ||
    fail "The image could not be built; what docker says is above."
  aws ecr get-login-password | docker login --username AWS --password-stdin "$registry" >&2 ||
    fail "docker could not log in to $registry."
  docker push --quiet "$image" >&2 || fail "The image could not be pushed to $repository."
fi

say "Service: this takes some minutes when something changes"
update "$STACK" service.yaml "Image=$image" "$@"
say "Serving at"
output "$STACK" Endpoint
