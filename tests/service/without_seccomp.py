"""Runs a command unconfined: python -m tests.service.without_seccomp COMMAND."""

import errno
import os
import sys

from analyzer.child.confinement import (
    EQUAL,
    FAIL,
    GIVE,
    LOAD,
    NUMBER,
    PERMIT,
    SECCOMP,
    allow_no_new_privileges,
    install,
    instruction,
)

if __name__ == "__main__":
    allow_no_new_privileges()
    install(
        [
            instruction(LOAD, NUMBER),
            instruction(EQUAL, SECCOMP, if_not=1),
            instruction(GIVE, FAIL | errno.ENOSYS),
            instruction(GIVE, PERMIT),
        ]
    )
    os.execvp(sys.argv[1], sys.argv[1:])
