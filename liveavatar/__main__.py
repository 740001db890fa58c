"""python -m liveavatar"""

import sys

from liveavatar.cli import main

sys.exit(main())
