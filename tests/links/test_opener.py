"""What a user types -> a link."""

import subprocess
import sys

import pytest

from eit_rt.errors import ConfigError, LinkError, LinkLost
from eit_rt.links import open_link
from tests.links.contract import read_all


def test_any_other_pyserial_url_opens():
    link = open_link("loop://")
    link.write(b"round")
    assert read_all(link, 5) == b"round"
    link.write(b"old")
    link.discard_input()
    assert link.read(0.05) == b""
    link.close()
    link.close()
    with pytest.raises(LinkLost, match="closed"):
        link.read()


def test_an_unknown_kind_of_url_is_refused():
    with pytest.raises(ConfigError, match="is not a port"):
        open_link("carrier-pigeon://home")


def test_a_known_kind_that_cannot_be_opened_is_told():
    with pytest.raises((LinkError, ConfigError)):
        open_link("spy:///dev/ttyUSB99")


@pytest.mark.parametrize("url", ["", "   "])
def test_no_port_at_all_points_to_the_list(url):
    with pytest.raises(ConfigError, match="eit-rt ports"):
        open_link(url)


def test_the_door_costs_no_pyserial():
    code = "import sys, eit_rt.links; sys.exit('serial' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
