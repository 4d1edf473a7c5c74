"""JSON schema of the profile files, for editors that complete and check while one types.

`python -m eit_rt.calibration.schema > calibration/profile.schema.json` writes it anew; a test keeps it current.
"""

import json
import sys

from eit_rt.calibration.profile import Profile

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_text() -> str:
    """The schema of Profile. What spans fields (lengths, electrodes that exist) is checked by `Profile.load` only."""
    return json.dumps({"$schema": DIALECT, **Profile.model_json_schema()}, indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
