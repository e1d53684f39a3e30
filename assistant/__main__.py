"""python -m assistant → the command line."""

import sys

if __name__ == "__main__":  # the children that read files import this module too
    from assistant.cli import main

    sys.exit(main())
