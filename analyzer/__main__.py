"""The door to the command: python -m analyzer VIDEO [VIDEO ...]."""

import sys

from cli.command import main

if __name__ == "__main__":
    sys.exit(main())
