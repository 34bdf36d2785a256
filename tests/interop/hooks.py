"""What schemathesis has to be told about our interface."""

import schemathesis
from hypothesis import strategies as st

from vectors import load

ROWS = load()

# Envelopes and heads: a kiosk's own, cut and lengthened, and plain nonsense.
WHOLE = st.sampled_from([ROWS["entry"], ROWS["outer"], ROWS["sealed"], ROWS["receipt"]])
CUT = st.builds(lambda whole, at: whole[: at % len(whole)], WHOLE, st.integers(0, 4096))
GROWN = st.builds(lambda whole, more: whole + more, WHOLE, st.binary(min_size=1, max_size=64))

schemathesis.openapi.media_type("application/cose", WHOLE | CUT | GROWN | st.binary(max_size=512))
