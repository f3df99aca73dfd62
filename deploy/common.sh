# What deploy.sh and destroy.sh share; sourced, not run.
# shellcheck shell=bash

STACK=${STACK:-dance-poses}
# Version 2 of the AWS CLI would show answers in a pager.
export AWS_PAGER=""
# Version 1 reads another name for the region than version 2.
if [[ ${AWS_REGION:-} ]]; then export AWS_DEFAULT_REGION=$AWS_REGION; fi

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "Failed: $*"
  exit 1
}

check_tools() {
  [[ $STACK =~ ^[a-z][a-z0-9-]*$ ]] || fail "STACK is '$STACK'; it can have small letters, digits and hyphens."
  command -v aws >/dev/null || fail "The AWS CLI is not installed (https://aws.amazon.com/cli/)."
  [[ -n ${AWS_DEFAULT_REGION:-$(aws configure get region || true)} ]] ||
    fail "No region is chosen; set AWS_REGION, such as AWS_REGION=eu-central-1."
  local answer
  answer=$(aws sts get-caller-identity 2>&1) ||
    fail "AWS does not know who asks; run 'aws configure' or 'aws sso login' ($(tail -n 1 <<<"$answer"))."
}

# status STACK: the state of a stack, or nothing where there is none.
status() {
  aws cloudformation describe-stacks --stack-name "$1" --query "Stacks[0].StackStatus" --output text 2>/dev/null || true
}

# output STACK NAME: one of the outputs of a stack.
output() {
  aws cloudformation describe-stacks --stack-name "$1" --output text \
    --query "Stacks[0].Outputs[?OutputKey=='$2'].OutputValue"
}

# parameter STACK NAME: the value that a parameter of a stack has, or nothing where there is none.
parameter() {
  aws cloudformation describe-stacks --stack-name "$1" --output text \
    --query "Stacks[0].Parameters[?ParameterKey=='$2'].ParameterValue" 2>/dev/null || true
}

# reason STACK: why the last change of a stack failed: its first failure, as the others follow from it.
reason() {
  aws cloudformation describe-stack-events --stack-name "$1" --output text \
    --query "StackEvents[].[LogicalResourceId, ResourceStatus, ResourceStatusReason]" |
    awk -F '\t' -v stack="$1" '
      # The newest comes first; the change began where the stack itself did.
      $2 ~ /_FAILED$/ && !begun { first = $1 ": " $3 }
      $1 == stack && $2 ~ /^(CREATE|UPDATE|DELETE)_IN_PROGRESS$/ { begun = 1 }
      END { print first }'
}

# update STACK TEMPLATE [PARAMETER=VALUE ...]: create or change a stack, and wait until it is done.
update() {
  local stack=$1 template=$2 answer
  shift 2
  if [[ $(status "$stack") == ROLLBACK_COMPLETE ]]; then
    say "$stack was never up: its remains are deleted first"
    remove "$stack"
  fi
  if ! answer=$(aws cloudformation deploy --stack-name "$stack" --template-file "$template" \
    --no-fail-on-empty-changeset --capabilities CAPABILITY_IAM ${1:+--parameter-overrides "$@"} 2>&1); then
    if [[ $answer == *"Failed to create/update the stack"* ]]; then
      fail "The change of $stack was rolled back: $(reason "$stack")"
    fi
    fail "$stack can't be changed: $(tail -n 1 <<<"$answer")"
  fi
}

# remove STACK: delete a stack, and wait until it is gone.
remove() {
  local answer
  answer=$(aws cloudformation delete-stack --stack-name "$1" 2>&1) ||
    fail "$1 can't be deleted: $(tail -n 1 <<<"$answer")"
  aws cloudformation wait stack-delete-complete --stack-name "$1" 2>/dev/null ||
    fail "$1 could not be deleted: $(reason "$1")"
}
