"""`python -m eit_rt`, the same as `eit-rt`."""

import sys

from eit_rt.cli import main

if __name__ == "__main__":
    sys.exit(main())
