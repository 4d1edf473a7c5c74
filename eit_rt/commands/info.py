"""`eit-rt info`: what is in a recording, a model or a profile. Goes by the suffix, prints text or JSON."""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eit_rt.commands.arguments import file_name
from eit_rt.commands.counting import counted
from eit_rt.errors import ConfigError, EitError

if TYPE_CHECKING:
    from eit_rt.pattern import Pattern
    from eit_rt.recording import Recording

HASH_DIGITS = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Tell what is in a recording (.mcap), a model (.onnx), a profile (.yaml) or an images file."
    )
    parser.add_argument(
        "files",
        nargs="+",
        type=file_name,
        metavar="FILE",
        help="a file, or the name of a shipped model, profile or sample recording",
    )
    parser.add_argument(
        "--brief", action="store_true", help="one line a file; of recordings the verdict"
    )
    parser.add_argument("--json", action="store_true", help="print JSON instead of text")


def run(args: argparse.Namespace) -> int:
    if args.json:
        found = [_facts(name) for name in args.files]
        print(json.dumps(found if len(found) > 1 else found[0], indent=2, ensure_ascii=False))
        return 0
    width, code = max(map(len, args.files)), 0
    for number, name in enumerate(args.files):
        try:
            facts = _facts(name)
        except EitError as error:
            if len(args.files) == 1:
                raise
            # One of several that cannot be read does not hide what the others are.
            print(f"eit-rt info: {error}", file=sys.stderr, flush=True)
            code = code or error.exit_code
            continue
        if args.brief:
            print(f"{name:<{width}}  {_brief(facts)}", flush=True)
        else:
            print("\n" * (number > 0) + "\n".join(_text(facts)), flush=True)
    return code


def _facts(name: str) -> dict[str, Any]:
    suffix = Path(name).suffix.lower()
    if suffix == ".onnx":
        return _model(name)
    if suffix in (".yaml", ".yml"):
        return _profile(name)
    if not Path(name).exists():
        return _shipped(name)
    from eit_rt.recording import image_readers

    return _pictures(name) if image_readers.detect(Path(name)) else _recording(name)


def _pictures(name: str) -> dict[str, Any]:
    from eit_rt.recording.image_readers import open_album

    album = open_album(Path(name))
    return {
        "kind": "pictures",
        "file": name,
        "source": album.source,
        "frames": len(album),
        "size": " x ".join(map(str, album.picture(0).shape)),
        "pictures_per_second": album.pace_hz,
        "duration_s": float(album.time_s[-1] - album.time_s[0]),
        "quantity": f"{album.quantity} [{album.unit or '1'}]" if album.quantity else "",
        "layout": album.layout.facts() if album.layout else None,
        "traces": sorted(album.traces),
        "events": [text for _, text in album.events],
        "notes": list(album.notes),
    }


def _shipped(name: str) -> dict[str, Any]:
    from eit_rt import shipped

    if name in shipped.names("models", ".onnx"):
        return _model(name)
    if name in shipped.names("calibration", ".yaml"):
        return _profile(name)
    from eit_rt.recording import sample

    if (path := sample.find(name)).is_file():
        return _recording(path)
    known = [
        *shipped.names("models", ".onnx"),
        *shipped.names("calibration", ".yaml"),
        *sample.names(),
    ]
    raise ConfigError(
        f"there is no file {name!r}, and no model, profile or sample of that name is shipped; shipped: "
        f"{', '.join(known)}"
    )


def _recording(path: "str | Path") -> dict[str, Any]:
    from eit_rt.recording import Recording
    from eit_rt.recording.health import judge
    from eit_rt.recording.summary import summarise

    with Recording.open(path) as recording:
        facts = summarise(recording)
        verdict = judge(facts, recording, *_accused(recording))
    health = {"verdict": str(verdict.grade), "reasons": list(verdict.reasons), "text": str(verdict)}
    first = {name: facts.pop(name) for name in ("reciprocity", "noise")}
    return {"health": health, **first, **facts}


def _accused(recording: "Recording") -> "tuple[list[int], list[int]]":
    """Electrodes that are bad, and that are suspect, in any part of a recording."""
    from eit_rt.calibration import electrode_health
    from eit_rt.recording.health import windows

    about = recording.about
    bad: set[int] = set()
    suspect: set[int] = set()
    for frames in windows(recording):
        health = electrode_health(
            frames, about.pattern, value_kind=about.value_kind, saturation=about.saturation
        )
        bad.update(health.bad)
        suspect.update(health.suspect)
    return sorted(bad), sorted(suspect - bad)


def _model(name: str) -> dict[str, Any]:
    from eit_rt.reconstruction import Reconstructor

    metadata = Reconstructor.load(name).metadata
    return {
        "kind": "model",
        "file": name,
        "name": metadata.name,
        "software": metadata.software,
        "pattern": _pattern(metadata.pattern),
        "layout": metadata.layout.facts(),
        "output": str(metadata.output),
        "difference": str(metadata.difference),
        "quantity": f"{metadata.quantity} [{metadata.unit}]",
        "extent": list(metadata.extent) if metadata.extent else None,
        "labels": list(metadata.labels),
        "metrics": dict(metadata.metrics),
        "recipe": dict(metadata.recipe),
    }


def _profile(name: str) -> dict[str, Any]:
    from eit_rt.calibration import Profile

    profile = Profile.load(name)
    return {
        "kind": "profile",
        "file": name,
        "name": profile.name,
        "made": profile.made.isoformat(),
        "pattern": _pattern(profile.pattern.pattern),
        "layout": profile.layout.layout.facts() if profile.layout else None,
        "board": profile.board.identity.to_dict() if profile.board else None,
        "source": profile.provenance.source if profile.provenance else None,
        "value_kind": str(profile.value_kind),
        "difference": str(profile.difference),
        "has_reference": profile.reference is not None,
        "excluded_electrodes": list(profile.excluded_electrodes),
        "excluded_measurements": list(profile.excluded_measurements),
        "remarks": list(profile.health.remarks) if profile.health else [],
        "notes": profile.notes.strip(),
    }


def _pattern(pattern: "Pattern") -> dict[str, Any]:
    return {
        "name": pattern.name,
        "electrodes": pattern.n_electrodes,
        "measurements": pattern.n_meas,
        "sha256": pattern.sha256,
    }


# -- text ------------------------------------------------------------------------------------------------------


def _text(facts: Mapping[str, Any]) -> Iterator[str]:
    """One line a fact: what is empty is left out."""
    lines = [(key.replace("_", " "), _WORDING.get(key, _plain)(facts[key])) for key in facts]
    width = max(len(key) for key, text in lines if text)
    return (f"{key:<{width}}  {text}" for key, text in lines if text)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        parts = {key.replace("_", " "): _plain(part) for key, part in value.items()}
        return "; ".join(f"{key} {text}" for key, text in parts.items() if text)
    if isinstance(value, list):
        return "; ".join(map(_plain, value))
    return "" if value is None else str(value)


def _brief(facts: Mapping[str, Any]) -> str:
    if facts["kind"] == "recording":
        return str(facts["health"]["text"])
    if facts["kind"] == "pictures":
        rate = facts["pictures_per_second"]
        return (
            f"pictures: {counted(facts['frames'], 'frame')}, {facts['size']}, {rate:.4g} a second"
        )
    return f"{facts['kind']} {facts['name']}: {_pattern_text(facts['pattern'])}"


def _share_text(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2g} %"


def _pattern_text(pattern: Mapping[str, Any]) -> str:
    return (
        f"{pattern['name']}, {pattern['electrodes']} electrodes, {pattern['measurements']} measurements, "
        f"{pattern['sha256'][:HASH_DIGITS]}"
    )


def _layout_text(layout: Mapping[str, Any] | None) -> str:
    if layout is None:
        return "not known"
    return (
        f"electrode 1 at {layout['electrode_1_deg']:g} deg, {layout['direction']}, "
        f"{layout['width_deg']:g} deg wide, tank radius {layout['radius_m']:g} m"
    )


def _rate_text(rates: Mapping[str, float | None]) -> str:
    parts = [
        f"{rate:.6g} {name}"
        for name in ("nominal", "measured")
        if (rate := rates[name]) is not None
    ]
    return ", ".join(parts)


def _lost_text(lost: Mapping[str, int]) -> str:
    text = f"{counted(lost['frames'], 'frame')} in {counted(lost['gaps'], 'gap')}"
    text += f", {lost['dropped_by_board']} dropped by the board"
    return text + (
        f", counter restarted {counted(lost['restarts'], 'time')}" if lost["restarts"] else ""
    )


def _values_text(values: Mapping[str, float | None]) -> str:
    if values["missing_fraction"] is None:
        return ""
    missing = f"{100 * values['missing_fraction']:.3g} % missing"
    if values["min"] is None or values["max"] is None:
        return missing
    return f"{values['min']:.6g} to {values['max']:.6g}, {missing}"


_WORDING: dict[str, Any] = {
    "health": lambda health: health["text"],
    "reciprocity": _share_text,
    "noise": _share_text,
    "pattern": _pattern_text,
    "layout": _layout_text,
    "rate_hz": _rate_text,
    "lost": _lost_text,
    "values": _values_text,
}
