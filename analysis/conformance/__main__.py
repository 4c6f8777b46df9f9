"""`python -m analysis.conformance [PART OF A NAME]`: study all pairs of `pairs.toml`, or those of that name."""

import sys

from analysis.conformance.survey import survey

survey(sys.argv[1] if len(sys.argv) > 1 else "")
