"""From a picture to what the network is fed, as in training. PNG, PGM and PPM are read here; for JPEG and others Pillow
is used where it is installed. A resized pixel may be off by one of 255 steps, as between two versions of Pillow."""

import struct
import zlib
from pathlib import Path

import numpy as np
from arrays import fitted, loaded

MOST_PIXELS = 64_000_000
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def samples(file, told):
    """{input: float32 [samples, channels, height, width]} of a picture, or of an array of numpy."""
    if str(file).lower().endswith((".npy", ".npz")):
        return loaded(file, told)
    pixels = _coloured(_read(Path(file)), told["colour"] == "grey")
    pixels = _sized(pixels, told)
    one = told["inputs"][0]
    return {one["name"]: fitted(np.moveaxis(pixels, 2, 0).astype(np.uint8), one, told)}


def _read(path):
    """The pixels [height, width, channels] as bytes: grey, red-green-blue, or either with transparency."""
    data = path.read_bytes()
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        found = _png(data)
    else:
        found = _pnm(data) if data[:2] in (b"P5", b"P6") else None
    return _with_pillow(path) if found is None else found


def _with_pillow(path):
    try:
        from PIL import Image, ImageOps
    except ImportError:
        raise ValueError("it is read with Pillow, which is not installed; save it as an 8-bit PNG") from None
    with Image.open(path) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise ValueError("it has too many pixels")
        if picture.mode.startswith("I"):
            picture = picture.point(lambda value: value / 256).convert("L")
        clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
        grey = picture.mode in ("L", "1")
        picture = ImageOps.exif_transpose(picture.convert("RGBA" if clear else "L" if grey else "RGB"))
        return np.atleast_3d(np.asarray(picture))


def _pnm(data):
    """A PGM or PPM picture of bytes."""
    fields, place = [], 2
    while len(fields) < 3:
        while data[place : place + 1].isspace() or data[place : place + 1] == b"#":
            place = data.index(b"\n", place) + 1 if data[place : place + 1] == b"#" else place + 1
        end = place
        while data[end : end + 1].isdigit():
            end += 1
        fields.append(int(data[place:end]))
        place = end
    width, height, most = fields
    channels = 3 if data[:2] == b"P6" else 1
    if most != 255 or width * height > MOST_PIXELS:
        return None
    return np.frombuffer(data, np.uint8, height * width * channels, place + 1).reshape(height, width, channels)


def _png(data):
    """A PNG picture of 8 bits that is not interlaced; None for others. Raises ValueError for a broken one."""
    try:
        return _png_pixels(data)
    except (LookupError, ValueError, struct.error, zlib.error) as error:
        raise ValueError(f"it is a broken PNG ({error})") from None


def _png_pixels(data):
    chunks, place = {}, 8
    while place + 8 <= len(data):
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        chunks[kind] = chunks.get(kind, b"") + data[place + 8 : place + 8 + size]
        place += size + 12
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    if depth != 8 or interlaced or colour not in CHANNELS or b"tRNS" in chunks or width * height > MOST_PIXELS:
        return None
    step = CHANNELS[colour]
    rows = zlib.decompressobj().decompress(chunks[b"IDAT"], height * (width * step + 1))
    lines = np.frombuffer(rows, np.uint8).reshape(height, width * step + 1)
    made = np.zeros((height + 1, width * step), np.uint8)
    for row, (how, line) in enumerate(zip(lines[:, 0], lines[:, 1:], strict=True)):
        made[row + 1] = _unfiltered(how, line, made[row], step)
    pixels = made[1:].reshape(height, width, step)
    return np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)[pixels[..., 0]] if colour == 3 else pixels


def _unfiltered(how, line, above, step):
    """A line of a PNG as it was before it was stored as differences from its neighbours."""
    if how == 0:
        return line
    if how == 1:
        return np.cumsum(line.reshape(-1, step), 0, dtype=np.uint8).ravel()
    if how == 2:
        return line + above
    row, over = bytearray(line.tobytes()), above.tobytes()
    for i in range(len(row)):
        left, corner = (row[i - step], over[i - step]) if i >= step else (0, 0)
        row[i] = (row[i] + ((left + over[i]) // 2 if how == 3 else _nearest(left, over[i], corner))) & 255
    return np.frombuffer(row, np.uint8)


def _nearest(left, over, corner):
    guess = left + over - corner
    return min((left, over, corner), key=lambda value: abs(guess - value))


def _coloured(pixels, grey):
    """On white, in one grey channel or in red, green and blue."""
    values = pixels.astype(np.int64)
    if values.shape[2] in (2, 4):
        values, clear = values[..., :-1], values[..., -1:]
        values = (values * clear + 255 * (255 - clear) + 127) // 255
    if grey and values.shape[2] == 3:
        return (values @ np.array([[19595], [38470], [7471]]) + 32768) >> 16
    return values if grey or values.shape[2] == 3 else np.repeat(values, 3, 2)


def _sized(pixels, told):
    """As in training: "stretch" to the size, "crop" the middle of its proportions, "shorter" for a shorter side of
    `resize` pixels and the middle of that; "exact" takes no other size."""
    height, width, fit = told["height"], told["width"], told["fit"]
    tall, wide = pixels.shape[:2]
    if fit == "exact" and (tall, wide) != (height, width):
        raise ValueError(f"it is {wide}×{tall} pixels; the network learnt pictures of {width}×{height}")
    if fit == "shorter":
        short, least = told["resize"], min(tall, wide)
        size = (int(short * tall / least), int(short * wide / least)) if tall != wide else (short, short)
        return _middle(_resized(pixels, size, (0, 0, wide, tall), told), height, width)
    across, down = float(wide), float(tall)
    if fit == "crop" and wide / tall > width / height:
        across = width / height * tall
    elif fit == "crop" and wide / tall < width / height:
        down = wide / (width / height)
    left, top = (wide - across) * 0.5, (tall - down) * 0.5
    return _resized(pixels, (height, width), (left, top, left + across, top + down), told)


def _middle(pixels, height, width):
    missing = [max(0, (wanted - has + 1) // 2) for wanted, has in zip((height, width), pixels.shape[:2], strict=True)]
    pixels = np.pad(pixels, (*((n, n) for n in missing), (0, 0)))
    top, left = (round((has - want) / 2.0) for has, want in zip(pixels.shape[:2], (height, width), strict=True))
    return pixels[top : top + height, left : left + width]


def _resized(pixels, size, box, told):
    """Resized to (height, width) from a box (left, top, right, bottom), as Pillow does, rounded after each pass."""
    left, top, right, bottom = (np.float32(side) for side in box)
    kernel = told.get("interpolation", "bilinear")
    columns = _weights(pixels.shape[1], left, right, size[1], kernel)
    halfway = _rounded(np.einsum("xw,hwc->hxc", columns, pixels.astype(np.float64), optimize=True))
    rows = _weights(pixels.shape[0], top, bottom, size[0], kernel)
    return _rounded(np.einsum("yh,hxc->yxc", rows, halfway, optimize=True))


def _weights(size, first, last, count, kernel):
    """The matrix [count, size] that resizes a row from `first` to `last`; its kernel is wider where that shrinks."""
    scale = float(last - first) / count
    wider, (reach, curve) = max(scale, 1.0), KERNELS[kernel]
    reach *= wider
    matrix = np.zeros((count, size))
    for place in range(count):
        centre = float(first) + (place + 0.5) * scale
        low, high = max(int(centre - reach + 0.5), 0), min(int(centre + reach + 0.5), size)
        shares = curve(np.abs((np.arange(low, high) - centre + 0.5) * (1.0 / wider)))
        shares = shares * (1.0 / np.cumsum(shares)[-1]) * (1 << 22)
        matrix[place, low:high] = np.trunc(shares + np.copysign(0.5, shares))
    return matrix


def _rounded(values):
    return np.clip(np.floor((values + (1 << 21)) / (1 << 22)), 0, 255)


def _cubic(x):
    near, far = 1.5 * x**3 - 2.5 * x**2 + 1, -0.5 * (x**3 - 5 * x**2 + 8 * x - 4)
    return np.where(x < 1, near, np.where(x < 2, far, 0))


KERNELS = {"bilinear": (1.0, lambda x: np.maximum(1 - x, 0)), "bicubic": (2.0, _cubic)}
