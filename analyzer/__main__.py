"""The analysis as a command: python -m analyzer VIDEO [VIDEO ...]."""

import sys

from analyzer.command import main

if __name__ == "__main__":
    sys.exit(main())
