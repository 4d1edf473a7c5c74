"""What is generated is fresh, and Python, C and the YAML say the same."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from cobs import cobs

from eit_rt.pattern import Pattern
from eit_rt.protocol import MessageType, encode, generated
from eit_rt.shipped import folder
from tests.protocol.vectors import cases, name_of

REPOSITORY = Path(__file__).resolve().parents[2]
GENERATED = [
    "eit_rt/protocol/generated.py",
    "firmware_protocol/c/eitp_generated.h",
    "firmware_protocol/vectors/packets.json",
    "firmware_protocol/SPEC.md",
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout with the protocol alone, free to be changed."""
    shutil.copytree(REPOSITORY / "firmware_protocol", tmp_path / "firmware_protocol")
    (tmp_path / "eit_rt" / "protocol").mkdir(parents=True)
    shutil.copy(REPOSITORY / GENERATED[0], tmp_path / GENERATED[0])
    return tmp_path


def generate(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    script = root / "firmware_protocol" / "generate.py"
    command = [sys.executable, str(script), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_committed_files_are_fresh() -> None:
    done = generate(REPOSITORY, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_changed_schema_makes_check_fail_and_name_what_is_stale(copy: Path) -> None:
    schema = copy / "firmware_protocol" / "protocol.yaml"
    schema.write_text(schema.read_text().replace("PING:      {id: 0x07", "PING:      {id: 0x0A"))
    done = generate(copy, "--check")
    assert done.returncode == 1
    for name in GENERATED:
        assert f"stale: {name}" in done.stdout
    assert generate(copy).returncode == 0
    assert generate(copy, "--check").returncode == 0


@pytest.mark.parametrize("name", GENERATED)
def test_a_file_edited_by_hand_makes_check_fail(copy: Path, name: str) -> None:
    (copy / name).write_text((copy / name).read_text() + "\n")
    done = generate(copy, "--check")
    assert (done.returncode, done.stdout.count("stale:")) == (1, 1)
    assert name in done.stdout


def test_a_corrected_sentence_does_not_change_the_hash(copy: Path) -> None:
    schema = copy / "firmware_protocol" / "protocol.yaml"
    schema.write_text(schema.read_text().replace("test yourself", "look at yourself"))
    generate(copy)
    assert f"0x{generated.SCHEMA_HASH:08X}" in (copy / GENERATED[0]).read_text()


def test_a_number_given_twice_is_found(copy: Path) -> None:
    schema = copy / "firmware_protocol" / "protocol.yaml"
    schema.write_text(schema.read_text().replace("PING:      {id: 0x07", "PING:      {id: 0x06"))
    done = generate(copy, "--check")
    assert done.returncode != 0
    assert "given twice" in done.stderr


def test_python_says_what_the_yaml_says() -> None:
    schema = yaml.safe_load((folder("firmware_protocol") / "protocol.yaml").read_text())
    for name, limit in schema["limits"].items():
        assert getattr(generated, name.upper()) == limit["value"]
    for name, row in schema["messages"].items():
        assert generated.MessageType[name] == row["id"]
    for name, table in schema["enums"].items():
        assert {m.name: m.value for m in getattr(generated, name)} == {
            word: value for word, (value, _) in table["values"].items()
        }
    for name, table in schema["flags"].items():
        assert {m.name: m.value for m in getattr(generated, name)} == {
            word: 1 << bit for word, (bit, _) in table["values"].items()
        }


@pytest.fixture(scope="module")
def compiler() -> str:
    found = shutil.which("gcc") or shutil.which("cc")
    if found is None:
        pytest.skip("no C compiler here")
    return found


def test_c_header_compiles_strictly_and_reads_the_vectors(compiler: str, tmp_path: Path) -> None:
    """The header's own assertions check every size and offset; the program reads a payload through its struct."""
    case = next(case for case in cases("messages") if case["name"] == "configured")
    payload = ", ".join(f"0x{byte:02x}" for byte in bytes.fromhex(case["payload"]))
    source = tmp_path / "read.c"
    source.write_text(
        '#include "eitp_generated.h"\n#include "eitp_generated.h"\n#include <stdio.h>\n#include <string.h>\n'
        f"static const unsigned char payload[] = {{{payload}}};\n"
        "int main(void) {\n"
        "    eitp_configure_answer_t answer;\n"
        "    memcpy(&answer, payload, sizeof answer);\n"
        '    printf("[%u, %u, %u, %u, %.17g, %.17g, %u, %u]", answer.config_id, (unsigned)answer.n_meas,\n'
        "        answer.dtype, (unsigned)answer.rate_millihertz, answer.scale, answer.saturation,\n"
        "        answer.pattern_hash[7], (unsigned)(EITP_TYPE_CHECK));\n"
        "    return (int)(sizeof payload - sizeof answer);\n"
        "}\n".replace("EITP_TYPE_CHECK", "EITP_MESSAGE_TYPE_CONFIGURE | EITP_RESPONSE_BIT")
    )
    program = tmp_path / "read"
    flags = ["-std=c11", "-pedantic", "-Wall", "-Wextra", "-Werror"]
    include = f"-I{folder('firmware_protocol') / 'c'}"
    subprocess.run([compiler, *flags, include, str(source), "-o", str(program)], check=True)
    printed = subprocess.run([str(program)], capture_output=True, text=True, check=True).stdout
    fields = case["fields"]
    names = ("config_id", "n_meas", "dtype", "rate_millihertz", "scale", "saturation")
    last_byte = bytes.fromhex(fields["pattern_hash"])[7]
    assert json.loads(printed) == [*(fields[name] for name in names), last_byte, 0x82]


@pytest.mark.parametrize("case", cases("patterns"), ids=name_of)
def test_patterns_of_the_specification_are_those_of_the_program(case: dict[str, Any]) -> None:
    pattern = Pattern.pairwise(case["rows"], case["n_electrodes"])
    assert pattern.sha256[:16] == case["pattern_hash"]
    if "ring" in case:
        assert pattern == Pattern.skip(case["n_electrodes"], **case["ring"])
        assert pattern.table is not None
        assert pattern.table.tolist() == case["rows"]


def test_the_packet_drawn_in_the_specification_is_the_packet() -> None:
    spec = (folder("firmware_protocol") / "SPEC.md").read_text()
    (drawn,) = re.findall(r"\| on the wire \| `([0-9a-f ]+)` \|", spec)
    (message,) = re.findall(r"\| message \| `([0-9a-f ]+)` \|", spec)
    wire = bytes.fromhex(drawn)
    assert encode(MessageType.PING, 0x0102, b"\xaa\0\xbb") == wire
    assert cobs.decode(wire[:-1]) == bytes.fromhex(message)
    blocks = re.findall(r"\| each led by its size \+ 1 \| (.*) \|", spec)[0]
    assert bytes.fromhex("".join(re.findall(r"`([0-9a-f ]+)`", blocks))) == wire[:-1]


def test_the_hash_worked_out_in_the_specification_is_the_hash() -> None:
    spec = (folder("firmware_protocol") / "SPEC.md").read_text()
    text, digest = re.findall(r"the text is `(.*?)` and the hash `([0-9a-f]{16})`", spec)[0]
    assert hashlib.sha256(text.replace("⏎", "\n").encode()).hexdigest()[:16] == digest
    assert Pattern.pairwise([[1, 0, 2, 3]], 4).sha256[:16] == digest


def test_the_specification_names_every_message_limit_and_fault_of_the_wire() -> None:
    spec = (folder("firmware_protocol") / "SPEC.md").read_text()
    prose = spec.split("## 12. Reference")[0]
    for name in generated.MessageType.__members__:
        assert re.search(rf"\b{name}\b", prose), name
    for kind in generated.FaultKind:
        assert f"`{kind.name.lower()}`" in prose or kind.name == "UNKNOWN_TYPE", kind
