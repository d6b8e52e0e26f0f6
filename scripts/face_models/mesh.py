"""MediaPipe's attention mesh, made anew of operators that every runtime has.

The original (Grishchenko et al., Attention Mesh, 2020) finds 468 points, cuts a square around each
eye and around the lips out of an early layer, and refines them there; three operators for that are
MediaPipe's own. Here the lips are left out, the cutting is written in built-in operators, only the
points that somebody reads are computed, and the picture comes as luma and chroma: what a decoder
gives need never become a picture in RGB.
"""

from collections.abc import Sequence

import numpy as np
from flatbuffers import flexbuffers
from numpy.typing import NDArray

from rtc_server.vision import canonical, geometry
from rtc_server.vision.crop import BT601, CELLS
from rtc_server.vision.region import OUTLINE
from scripts.face_models.network import Network

POINTS, FACE_POINTS = 478, 468
_FEATURES, _CHANNELS, _STEP = 48, 32, 4
"""The layer that eyes are cut out of: its side, its channels, and the pixels a cell of it spans."""
_GRID = 16
"""Side of what is cut out."""
_EYES = ("left", "right")
_LID, _IRIS = 71, 5
_CUT = "transform_tensor_bilinear_v2_{}"
_AVERAGED = 16
"""Points of an eye, the first ones, whose depths' mean is its iris's depth."""
_TINY = 1e-6
_NOSE = 4

Index = NDArray[np.intp]


_RELU6 = 3
"""The fused activation that keeps a value within 0 and 6."""
_BINARY = {
    "ADD": "AddOptions",
    "SUB": "SubOptions",
    "MUL": "MulOptions",
    "DIV": "DivOptions",
    "MAXIMUM": "MaximumMinimumOptions",
    "MINIMUM": "MaximumMinimumOptions",
}


def lean_mesh(original: bytes) -> bytes:
    """The file of the mesh, made of that of ``face_landmark_with_attention``.

    Takes ``luma`` (1, 96, 96, 4), the brightness of the four pixels of each square in 0-1, and
    ``chroma`` (1, 96, 96, 2), what blue and red have over it, -0.5 to 0.5; gives the 478 points
    in pixels of the crop and the logit of there being a face.
    """
    return _Mesh(original).written()


def points_read() -> Index:
    """The face's points that somebody reads: geometry, the region, and the eyes themselves."""
    used = {*geometry.USED.tolist(), *canonical.INDEX.tolist(), *OUTLINE, _NOSE}
    return np.array(sorted(point for point in used if point < FACE_POINTS))


class _Sums:
    """Arithmetic on tensors of a network."""

    def __init__(self, net: Network) -> None:
        self.net = net

    def both(self, kind: str, a: int, b: float | NDArray[np.float64], shape: Sequence[int]) -> int:
        """``a`` and ``b`` by ADD, SUB, MUL, DIV, MAXIMUM or MINIMUM; ``b`` may be a constant."""
        second = b if isinstance(b, int) else self.net.keep(np.asarray(b, np.float32))
        return self.net.add(kind, [a, second], shape, (_BINARY[kind], {}))

    def reshape(self, a: int, shape: Sequence[int]) -> int:
        target = self.net.keep(np.array(shape), np.int32)
        options = ("ReshapeOptions", {"newShape": list(shape)})
        return self.net.add("RESHAPE", [a, target], shape, options)

    def gather(
        self, a: int, index: int | Sequence[int] | Index, shape: Sequence[int], axis: int = 0
    ) -> int:
        which = index if isinstance(index, int) else self.net.keep(np.asarray(index), np.int32)
        return self.net.add("GATHER", [a, which], shape, ("GatherOptions", {"axis": axis}))

    def part(self, a: int, begin: Sequence[int], size: Sequence[int]) -> int:
        corners = [self.net.keep(np.array(each), np.int32) for each in (begin, size)]
        return self.net.add("SLICE", [a, *corners], size, ("SliceOptions", {}))

    def product(self, a: int, b: int, shape: Sequence[int]) -> int:
        return self.net.add("BATCH_MATMUL", [a, b], shape, ("BatchMatMulOptions", {}))

    def reduced(self, kind: str, a: int, axis: int, shape: Sequence[int]) -> int:
        which = self.net.keep(np.array([axis]), np.int32)
        return self.net.add(kind, [a, which], shape, ("ReducerOptions", {"keepDims": True}))

    def joined(self, parts: Sequence[int], axis: int, shape: Sequence[int]) -> int:
        return self.net.add("CONCATENATION", parts, shape, ("ConcatenationOptions", {"axis": axis}))

    def turned(self, a: int, order: Sequence[int], shape: Sequence[int]) -> int:
        which = self.net.keep(np.array(order), np.int32)
        return self.net.add("TRANSPOSE", [a, which], shape, ("TransposeOptions", {}))

    def conv(self, a: int, weights: int, bias: int, shape: Sequence[int], activation: int) -> int:
        options = {"strideW": 1, "strideH": 1, "fusedActivationFunction": activation}
        return self.net.add("CONV_2D", [a, weights, bias], shape, ("Conv2DOptions", options))


class _Mesh:
    """The original on its way to the new one."""

    def __init__(self, original: bytes) -> None:
        self._net = Network(original)
        self._sums = _Sums(self._net)
        self._eyes = [self._eye_points(number) for number in (1, 2)]
        read = set(points_read().tolist()).union(*(eye.tolist() for eye in self._eyes))
        self._read = np.array(sorted(read))
        self._place = np.full(FACE_POINTS, -1)
        self._place[self._read] = np.arange(len(self._read))

    def written(self) -> bytes:
        """Do it."""
        inputs = self._front()
        flag = self._net.tensor("conv_faceflag")
        mesh = self._face()
        axes, center = self._squares(mesh)
        self._cut(axes, center)
        points = self._assembled(mesh, self._refined(mesh, axes, center))
        for tensor, name in zip((points, flag), ("points", "presence"), strict=True):
            self._net.rename(tensor, name)
        about = "MediaPipe attention mesh without lips, of built-in operators"
        return self._net.written(inputs, [points, flag], about)

    def _eye_points(self, number: int) -> Index:
        """The points that the original refines in the square of an eye, in its order."""
        cut = self._net.maker(self._net.tensor(_CUT.format(number)))
        options = self._net.maker(cut.inputs[1]).customOptions
        return np.array(flexbuffers.Loads(bytes(options))["subset_idxs"])

    def _front(self) -> list[int]:
        """Luma and chroma in the place of RGB.

        Squares of 2 x 2 pixels become channels: making colours of them, kept within 0 and 1 as a
        picture's are, is a convolution of one cell, and the first layer, 3 x 3 with a stride of
        two, becomes one of 2 x 2 without. RELU6 is what keeps within bounds at no cost:
        so colours are six times as large between the two.
        """
        net, sums = self._net, self._sums
        first = net.user(net.tensor("input_1"))
        weights, bias = (net.constant(tensor) for tensor in first.inputs[1:3])
        luma = net.empty((1, CELLS, CELLS, 4), name="luma")
        chroma = net.empty((1, CELLS, CELLS, 2), name="chroma")
        both = sums.joined([luma, chroma], 3, (1, CELLS, CELLS, 6))
        colours = sums.conv(
            both,
            net.keep(_colours()),
            net.keep(np.zeros(12)),
            (1, CELLS, CELLS, 12),
            _RELU6,
        )
        shape = (1, CELLS, CELLS, len(bias))
        squared = net.half(_by_squares(weights) / 6)
        net.replace(first.outputs[0], sums.conv(colours, squared, net.half(bias), shape, 0))
        return [luma, chroma]

    def _face(self) -> int:
        """(n, 3): the points that are read, in pixels of the crop."""
        net = self._net
        last = net.maker(net.tensor("output_mesh"))
        rows = (self._read[:, None] * 3 + np.arange(3)).reshape(-1)
        weights, bias = (net.constant(tensor)[rows] for tensor in last.inputs[1:3])
        options = {"strideW": 3, "strideH": 3, "padding": 1}
        inputs = [last.inputs[0], net.half(weights), net.half(bias)]
        flat = net.add("CONV_2D", inputs, (1, 1, 1, len(rows)), ("Conv2DOptions", options))
        return self._sums.reshape(flat, (len(self._read), 3))

    def _squares(self, mesh: int) -> tuple[int, int]:
        """(2, 2, 2) steps of each eye's grid and (2, 1, 2) its centre, in pixels of the crop.

        As ``Landmarks2TransformMatrix`` has it: upright by the eye's corners, 1.5 times its box.
        """
        sums = self._sums
        eyes = self._of_eyes(mesh, 2)
        corners = [self._place[[right, left]] for right, left in ((33, 362), (133, 263))]
        outer, inner = (sums.gather(mesh, ends, (2, 3)) for ends in corners)
        way = sums.part(sums.both("SUB", inner, outer, (2, 3)), (0, 0), (2, 2))
        square = sums.reduced("SUM", sums.both("MUL", way, way, (2, 2)), 1, (2, 1))
        length = self._net.add("SQRT", [sums.both("MAXIMUM", square, _TINY, (2, 1))], (2, 1))
        along = sums.both("DIV", way, length, (2, 2))
        swapped = sums.gather(along, (1, 0), (2, 2), axis=1)
        down = sums.both("MUL", swapped, np.array([[-1.0, 1.0]]), (2, 2))
        turn = sums.joined(
            [sums.reshape(along, (2, 1, 2)), sums.reshape(down, (2, 1, 2))], 1, (2, 2, 2)
        )
        upright = sums.product(eyes, sums.turned(turn, (0, 2, 1), (2, 2, 2)), (2, _LID, 2))
        most = sums.reduced("REDUCE_MAX", upright, 1, (2, 1, 2))
        least = sums.reduced("REDUCE_MIN", upright, 1, (2, 1, 2))
        middle = sums.both("MUL", sums.both("ADD", most, least, (2, 1, 2)), 0.5, (2, 1, 2))
        extent = sums.both("SUB", most, least, (2, 1, 2))
        step = sums.reshape(sums.both("MUL", extent, 1.5 / _GRID, (2, 1, 2)), (2, 2, 1))
        return sums.both("MUL", step, turn, (2, 2, 2)), sums.product(middle, turn, (2, 1, 2))

    def _cut(self, axes: int, center: int) -> None:
        """Let both towers see their squares of the early layer, as ``TransformTensorBilinear``."""
        sums, net = self._sums, self._net
        cells = _GRID * _GRID
        rows, columns = np.divmod(np.arange(cells), _GRID)
        grid = np.stack([columns, rows], axis=-1) - (_GRID - 1) / 2
        both = net.keep(np.repeat(grid[None], 2, axis=0) / _STEP)
        shape = (2, cells, 2)
        there = sums.both("MUL", center, 1 / _STEP, (2, 1, 2))
        there = sums.both("SUB", there, 0.5, (2, 1, 2))
        at = sums.both("ADD", sums.product(both, axes, shape), there, shape)
        at = sums.both("MAXIMUM", at, 0.0, shape)
        at = sums.both("MINIMUM", at, float(_FEATURES - 1), shape)
        low = net.add("FLOOR", [sums.both("MINIMUM", at, _FEATURES - 1.5, shape)], shape)
        share = sums.reshape(sums.both("SUB", at, low, shape), (2 * cells, 2))
        across, down = (sums.part(share, (0, axis), (2 * cells, 1)) for axis in (0, 1))
        seen = self._mixed(sums.reshape(low, (2 * cells, 2)), across, down)
        for eye in (0, 1):
            one = sums.part(seen, (eye * cells, 0), (cells, _CHANNELS))
            old = net.tensor(_CUT.format(eye + 1))
            net.replace(old, sums.reshape(one, (1, _GRID, _GRID, _CHANNELS)))

    def _mixed(self, low: int, across: int, down: int) -> int:
        """(n, 32) between four cells of the early layer; ``low``: the upper left of them."""
        sums, net = self._sums, self._net
        count = 2 * _GRID * _GRID
        flat = sums.both("MUL", low, np.array([[1.0, _FEATURES]]), (count, 2))
        flat = sums.reshape(sums.reduced("SUM", flat, 1, (count, 1)), (1, count))
        four = np.array([[0.0], [1.0], [_FEATURES], [_FEATURES + 1.0]])
        flat = sums.both("ADD", flat, four, (4, count))
        types = ("CastOptions", {"inDataType": 0, "outDataType": 2})
        index = net.add("CAST", [flat], (4, count), types, np.int32)
        early = sums.reshape(net.tensor("p_re_lu_3"), (_FEATURES * _FEATURES, _CHANNELS))
        found = sums.gather(early, index, (4, count, _CHANNELS))
        shape = (count, _CHANNELS)
        parts = [sums.part(found, (n, 0, 0), (1, *shape)) for n in range(4)]
        a, b, c, d = (sums.reshape(part, shape) for part in parts)
        return self._between(
            self._between(a, b, across, shape), self._between(c, d, across, shape), down, shape
        )

    def _between(self, a: int, b: int, share: int, shape: Sequence[int]) -> int:
        sums = self._sums
        step = sums.both("MUL", sums.both("SUB", b, a, shape), share, shape)
        return sums.both("ADD", a, step, shape)

    def _refined(self, mesh: int, axes: int, center: int) -> int:
        """(2 * 76, 3): lids and irises of both eyes, in pixels of the crop."""
        sums, net = self._sums, self._net
        parts = [
            sums.joined(
                [sums.reshape(net.tensor(f"conv_{eye}_{part}"), (1, count, 2)) for eye in _EYES],
                0,
                (2, count, 2),
            )
            for part, count in (("eye", _LID), ("iris", _IRIS))
        ]
        count = _LID + _IRIS
        shape = (2, count, 2)
        raw = sums.joined(parts, 1, shape)
        on_grid = sums.both("MUL", raw, 1 / _STEP, shape)
        on_grid = sums.both("SUB", on_grid, _GRID / 2, shape)
        flat = sums.both("ADD", sums.product(on_grid, axes, shape), center, shape)
        depths = sums.joined(self._depths(mesh), 1, (2, count, 1))
        points = sums.joined([flat, depths], 2, (2, count, 3))
        return sums.reshape(points, (2 * count, 3))

    def _depths(self, mesh: int) -> list[int]:
        """(2, 71, 1) of the lids as they were, (2, 5, 1) of the irises: the mean around each."""
        sums = self._sums
        lids = self._of_eyes(mesh, 1, first=2)
        around = sums.part(lids, (0, 0, 0), (2, _AVERAGED, 1))
        mean = sums.reduced("MEAN", around, 1, (2, 1, 1))
        zeros = self._net.keep(np.zeros((2, _IRIS, 1)))
        return [lids, sums.both("ADD", zeros, mean, (2, _IRIS, 1))]

    def _of_eyes(self, mesh: int, count: int, first: int = 0) -> int:
        """(2, 71, count) coordinates of the eyes' points, before they are refined."""
        sums = self._sums
        places = self._place[np.concatenate(self._eyes)]
        points = sums.gather(mesh, places, (2 * _LID, 3))
        return sums.reshape(sums.part(points, (0, first), (2 * _LID, count)), (2, _LID, count))

    def _assembled(self, mesh: int, eyes: int) -> int:
        """(478, 3) in the usual order.

        Points that nobody reads repeat the nose's tip: so they widen no box around the face.
        """
        sums = self._sums
        count, each = len(self._read), _LID + _IRIS
        order = np.where(self._place >= 0, self._place, self._place[_NOSE])
        for number, eye in enumerate(self._eyes):
            order[eye] = count + each * number + np.arange(_LID)
        irises = [count + each * number + _LID + np.arange(_IRIS) for number in (0, 1)]
        table = sums.joined([mesh, eyes], 0, (count + 2 * each, 3))
        return sums.gather(table, np.concatenate([order, *irises]), (POINTS, 3))


def _colours() -> NDArray[np.float64]:
    """(12, 1, 1, 6): six times red, green and blue of four pixels, from four lumas and a chroma."""
    weights = np.zeros((4, 3, 6))
    for pixel in range(4):
        weights[pixel, :, pixel] = BT601[:, 0]
        weights[pixel, :, 4:] = BT601[:, 1:]
    return 6 * weights.reshape(12, 1, 1, 6)


def _by_squares(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 2, 2, 12) on squares of pixels what (n, 3, 3, 3) with a stride of two is on pixels."""
    whole = np.zeros((len(weights), 4, 4, 3), np.float32)
    whole[:, :3, :3] = weights
    cells = whole.reshape(len(weights), 2, 2, 2, 2, 3).transpose(0, 1, 3, 2, 4, 5)
    return cells.reshape(len(weights), 2, 2, 12)
