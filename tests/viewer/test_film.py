"""Videos, GIFs and folders of PNG files, read back with another library's decoder."""

from fractions import Fraction

import numpy as np
import pytest

from eit_rt.errors import ConfigError
from eit_rt.viewer import film
from eit_rt.viewer.film import kind_of, write_film

av = pytest.importorskip("av")
Image = pytest.importorskip("PIL.Image")

N, WIDTH, HEIGHT = 25, 96, 64


def images():
    """A red square that goes right by two pixels from image to image, on light grey."""
    for k in range(N):
        image = np.full((HEIGHT, WIDTH, 3), 243, dtype=np.uint8)
        image[20:36, 8 + 2 * k : 24 + 2 * k] = (200, 30, 30)
        yield image


def centre(image) -> tuple[float, float]:
    """Row and column of the middle of what is red."""
    image = image.astype(int)
    rows, columns = np.nonzero(image[..., 0] - image[..., 1] > 85)
    return rows.mean(), columns.mean()


def decoded(path):
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        return (
            stream.average_rate,
            [f.time for f in frames],
            [f.to_ndarray(format="rgb24") for f in frames],
        )


@pytest.mark.parametrize("suffix", film.VIDEOS)
@pytest.mark.parametrize("rate_hz", [20.0, 50.2, 3.7])
def test_a_video_has_every_image_at_its_rate_and_place(tmp_path, suffix, rate_hz):
    path = tmp_path / f"clip{suffix}"
    assert write_film(path, images(), N, (WIDTH, HEIGHT), rate_hz) == rate_hz
    rate, times, seen = decoded(path)
    assert float(rate) == pytest.approx(rate_hz, rel=1e-3)
    assert len(seen) == N
    np.testing.assert_allclose(np.diff(times), 1 / rate_hz, atol=2e-3)  # containers count in ms
    for k, (image, original) in enumerate(zip(seen, images(), strict=True)):
        assert centre(image) == pytest.approx((27.5, 15.5 + 2 * k), abs=0.5)
        assert np.abs(image.astype(int) - original).mean() < 4
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_a_gif_has_every_image(tmp_path):
    write_film(tmp_path / "clip.gif", images(), N, (WIDTH, HEIGHT), 20.0)
    rate, _, seen = decoded(tmp_path / "clip.gif")
    assert rate == Fraction(20)
    assert [centre(image) for image in seen] == [(27.5, 15.5 + 2 * k) for k in range(N)]


@pytest.mark.parametrize(
    ("asked_hz", "played_hz"), [(20.0, 20.0), (100.0, 50.0), (30.0, 100 / 3), (0.5, 0.5)]
)
def test_a_gif_tells_the_rate_that_it_plays_at(tmp_path, asked_hz, played_hz):
    path = tmp_path / "clip.gif"
    told_hz = write_film(path, images(), N, (WIDTH, HEIGHT), asked_hz)
    with Image.open(path) as clip:
        assert told_hz == played_hz == pytest.approx(1000 / clip.info["duration"])


def test_png_files_hold_the_images_bit_by_bit(tmp_path):
    assert write_film(tmp_path / "frames", images(), N, (WIDTH, HEIGHT), 20.0) is None
    names = sorted(path.name for path in (tmp_path / "frames").iterdir())
    assert names == [f"frame_{k:06d}.png" for k in range(1, N + 1)]
    for name, original in zip(names, images(), strict=True):
        np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "frames" / name)), original)


def test_an_empty_folder_is_filled_a_full_one_refused(tmp_path):
    (tmp_path / "frames").mkdir()
    write_film(tmp_path / "frames", images(), N, (WIDTH, HEIGHT), 20.0)
    with pytest.raises(ConfigError, match="not empty"):
        write_film(tmp_path / "frames", images(), N, (WIDTH, HEIGHT), 20.0)


@pytest.mark.parametrize("name", ["clip.mp4", "clip.gif", "frames"])
def test_what_fails_on_the_way_leaves_nothing(tmp_path, name):
    def failing():
        yield from images()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_film(tmp_path / name, failing(), N + 1, (WIDTH, HEIGHT), 20.0)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["clip.avi", "clip.png", "clip.npz"])
def test_other_suffixes_are_refused_with_those_there_are(tmp_path, name):
    with pytest.raises(ConfigError, match=r"\.mp4, \.mkv, \.webm, \.gif or a folder"):
        kind_of(tmp_path / name)


def test_mistakes_are_told(tmp_path):
    with pytest.raises(ConfigError, match="give --fps"):
        write_film(tmp_path / "a.mp4", images(), N, (WIDTH, HEIGHT), 1e5)
    with pytest.raises(ConfigError, match="too much memory"):
        write_film(tmp_path / "a.gif", images(), 10_000, (WIDTH, HEIGHT), 20.0)
    with pytest.raises(ConfigError, match="cannot be written"):
        write_film(tmp_path / "absent" / "a.mp4", images(), N, (WIDTH, HEIGHT), 20.0)
    with pytest.raises(ConfigError, match="cannot be written"):
        write_film(tmp_path / "absent" / "frames", images(), N, (WIDTH, HEIGHT), 20.0)
