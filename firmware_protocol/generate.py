"""Makes what is generated from protocol.yaml; with --check, names what is stale instead (exit code 1).

    python firmware_protocol/generate.py [--check]

Needs PyYAML and the package `cobs`, nothing of eit_rt: the vectors must not come from the code that they test.
"""

import argparse
import sys
from pathlib import Path

from generator.c_header import c_header
from generator.markdown import with_reference
from generator.python_source import python_source
from generator.schema import Schema
from generator.vectors import vector_files

HERE = Path(__file__).resolve().parent
SPEC = HERE / "SPEC.md"
PYTHON_TARGET = HERE.parent / "eit_rt" / "protocol" / "generated.py"


def outputs() -> dict[Path, str]:
    """Every generated file and what it must hold."""
    schema = Schema(HERE / "protocol.yaml")
    files = {
        PYTHON_TARGET: python_source(schema),
        HERE / "c" / "eitp_generated.h": c_header(schema),
        SPEC: with_reference(SPEC.read_text(encoding="utf-8"), schema),
    }
    return files | {HERE / "vectors" / name: text for name, text in vector_files(schema).items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="change nothing; name stale files, exit code 1"
    )
    check = parser.parse_args().check
    if not PYTHON_TARGET.parent.is_dir():
        print(
            f"{PYTHON_TARGET.parent} is not here: run this in a checkout of eit-rt", file=sys.stderr
        )
        return 2
    stale = 0
    for path, text in outputs().items():
        if path.is_file() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        name = path.relative_to(HERE.parent)
        if check:
            print(f"stale: {name}; run `python firmware_protocol/generate.py` and commit it")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {name}")
    return 1 if check and stale else 0


if __name__ == "__main__":
    sys.exit(main())
