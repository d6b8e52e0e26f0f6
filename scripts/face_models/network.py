"""A TensorFlow Lite network in memory: read, taken apart, built upon, and written again.

Tensors and operators are spoken of by their numbers in the one graph that such a file here has.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from numpy.typing import NDArray

Array = NDArray[Any]
Options = tuple[str, dict[str, Any]]
"""The name of an operator's table of options in the schema, and what to set in it."""

_BUILTIN = schema.BuiltinOperator
_TYPES = {0: np.float32, 1: np.float16, 2: np.int32}
_CODES = {np.dtype(type_): code for code, type_ in _TYPES.items()}
_IDENTIFIER = b"TFL3"
_SMALL_CODES = 127
"""Codes up to here also stand in the field that old readers know."""


class Network:
    """One graph of float operators."""

    def __init__(self, data: bytes) -> None:
        """``data``: a file."""
        self._model = schema.ModelT.InitFromPackedBuf(data, 0)
        self._graph = self._model.subgraphs[0]

    def tensor(self, name: str) -> int:
        """The number of the tensor with this name; raises ``KeyError``."""
        for number, tensor in enumerate(self._graph.tensors):
            if tensor.name == name.encode():
                return number
        raise KeyError(name)

    def maker(self, tensor: int) -> Any:  # noqa: ANN401 - the schema has no types
        """The operator that gives it."""
        return next(op for op in self._graph.operators if tensor in op.outputs)

    def user(self, tensor: int) -> Any:  # noqa: ANN401
        """The first operator that takes it."""
        return next(op for op in self._graph.operators if tensor in op.inputs)

    def constant(self, tensor: int) -> Array:
        """Its value, where it has one; half precision is widened as the file's own graph does."""
        described = self._graph.tensors[tensor]
        data = self._model.buffers[described.buffer].data
        if data is None or not len(data):
            return self.constant(self.maker(tensor).inputs[0])
        array = np.frombuffer(bytes(data), _TYPES[described.type])
        return array.reshape(described.shape)

    def keep(self, array: Array, dtype: type = np.float32) -> int:
        """A new constant tensor."""
        array = np.ascontiguousarray(array, dtype)
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(array.tobytes(), np.uint8)
        self._model.buffers.append(buffer)
        number = self.empty(array.shape, dtype)
        self._graph.tensors[number].buffer = len(self._model.buffers) - 1
        return number

    def half(self, array: Array) -> int:
        """A new constant kept in half precision, as the others of the file are."""
        kept = self.keep(array, np.float16)
        return self.add("DEQUANTIZE", [kept], array.shape)

    def empty(self, shape: Sequence[int], dtype: type = np.float32, name: str = "") -> int:
        """A new tensor without a value."""
        tensor = schema.TensorT()
        tensor.shape, tensor.hasRank = list(shape), True
        tensor.type = _CODES[np.dtype(dtype)]
        tensor.name = (name or f"t{len(self._graph.tensors)}").encode()
        tensor.buffer = 0
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    def add(
        self,
        kind: str,
        inputs: Sequence[int],
        shape: Sequence[int],
        options: Options | None = None,
        dtype: type = np.float32,
    ) -> int:
        """A new built-in operator; the tensor that it gives."""
        op = schema.OperatorT()
        op.opcodeIndex = self._code(getattr(_BUILTIN, kind))
        op.inputs = list(inputs)
        op.outputs = [self.empty(shape, dtype)]
        if options is not None:
            name, values = options
            op.builtinOptionsType = getattr(schema.BuiltinOptions, name)
            op.builtinOptions = getattr(schema, f"{name}T")()
            for key, value in values.items():
                setattr(op.builtinOptions, key, value)
        self._graph.operators.append(op)
        return int(op.outputs[0])

    def replace(self, old: int, new: int) -> None:
        """Let everybody who takes ``old`` take ``new``."""
        for op in self._graph.operators:
            op.inputs = [new if tensor == old else tensor for tensor in op.inputs]

    def rename(self, tensor: int, name: str) -> None:
        """Give it another name."""
        self._graph.tensors[tensor].name = name.encode()

    def written(self, inputs: Sequence[int], outputs: Sequence[int], description: str) -> bytes:
        """The file with what ``outputs`` need of it, in an order in which it can be run."""
        operators = self._needed(set(inputs), outputs)
        self._graph.operators = operators
        used = sorted(
            {*inputs, *outputs}.union(
                *(op.inputs for op in operators), *(op.outputs for op in operators)
            )
            - {-1}
        )
        places = {tensor: place for place, tensor in enumerate(used)} | {-1: -1}
        for op in operators:
            op.inputs = [places[tensor] for tensor in op.inputs]
            op.outputs = [places[tensor] for tensor in op.outputs]
        self._graph.inputs = [places[tensor] for tensor in inputs]
        self._graph.outputs = [places[tensor] for tensor in outputs]
        self._graph.tensors = [self._graph.tensors[tensor] for tensor in used]
        self._drop_unused()
        self._model.description = description.encode()
        builder = flatbuffers.Builder(1 << 22)
        builder.Finish(self._model.Pack(builder), _IDENTIFIER)
        return bytes(builder.Output())

    def _needed(self, given: set[int], outputs: Iterable[int]) -> list[Any]:
        makers = {tensor: op for op in self._graph.operators for tensor in op.outputs}
        ordered: list[Any] = []
        there = set(given)

        def require(tensor: int) -> None:
            if tensor in there or tensor not in makers:
                return
            op = makers[tensor]
            for needed in op.inputs:
                require(int(needed))
            ordered.append(op)
            there.update(int(made) for made in op.outputs)

        for tensor in outputs:
            require(tensor)
        return ordered

    def _drop_unused(self) -> None:
        """Leave out buffers, operator codes and metadata that nothing speaks of any more."""
        model = self._model
        buffers = [model.buffers[0]]
        for tensor in self._graph.tensors:
            if tensor.buffer:
                buffers.append(model.buffers[tensor.buffer])
                tensor.buffer = len(buffers) - 1
        model.buffers = buffers
        used = sorted({op.opcodeIndex for op in self._graph.operators})
        for op in self._graph.operators:
            op.opcodeIndex = used.index(op.opcodeIndex)
        model.operatorCodes = [model.operatorCodes[code] for code in used]
        model.metadata = model.metadataBuffer = model.signatureDefs = None

    def _code(self, builtin: int) -> int:
        """The place of a built-in operator's first version in the table of operators."""
        for place, known in enumerate(self._model.operatorCodes):
            if max(known.builtinCode, known.deprecatedBuiltinCode) == builtin:
                return place
        code = schema.OperatorCodeT()
        code.builtinCode, code.version = builtin, 1
        code.deprecatedBuiltinCode = min(builtin, _SMALL_CODES)
        self._model.operatorCodes.append(code)
        return len(self._model.operatorCodes) - 1
