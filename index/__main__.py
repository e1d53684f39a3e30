"""python -m index → the command line."""

import sys

from index.cli import main

sys.exit(main())
