"""`python -m firewarden` is the command `firewarden`."""

import sys

from firewarden.cli import main

sys.exit(main())
