"""Networks that mwgan export wrote."""

import sys

import onnx
import torch
from onnx import numpy_helper
from torch.nn import functional as F


class Exported(torch.nn.Module):
    """A module built from an ONNX graph by walking its nodes; parameters keep their names."""

    def __init__(self, path):
        super().__init__()
        model = onnx.load(path)
        self.metadata = {p.key: p.value for p in model.metadata_props}
        self.nodes = [
            (n.op_type, [i for i in n.input if i], n.output[0],
             {a.name: onnx.helper.get_attribute_value(a) for a in n.attribute})
            for n in model.graph.node]
        self.input, self.output = model.graph.input[0].name, model.graph.output[0].name
        self.inputs = model.graph.input[0].type.tensor_type.shape.dim[1].dim_value
        self.names = []
        for tensor in model.graph.initializer:
            value = torch.from_numpy(numpy_helper.to_array(tensor).copy())
            if not value.is_floating_point():
                sys.exit(f"{path}: constant {tensor.name} is not of a chain that can be trained")
            self.names.append(tensor.name)
            self.register_parameter(tensor.name.replace(".", "__"), torch.nn.Parameter(value))

    def forward(self, x):
        values = {name: getattr(self, name.replace(".", "__")) for name in self.names}
        values[self.input] = x
        for kind, inputs, output, a in self.nodes:
            values[output] = self.apply_node(kind, [values[i] for i in inputs], a)
        return values[self.output]

    @staticmethod
    def apply_node(kind, x, a):
        if kind in ("Conv", "ConvTranspose"):
            pads = a.get("pads", [0, 0, 0, 0])
            if pads[:2] != pads[2:] or any(a.get("output_padding", [0])):
                sys.exit(f"{kind} with uneven padding cannot be trained here")
            bias = x[2] if len(x) > 2 else None
            stride, padding = tuple(a.get("strides", [1, 1])), tuple(pads[:2])
            if kind == "Conv":
                return F.conv2d(x[0], x[1], bias, stride, padding)
            return F.conv_transpose2d(x[0], x[1], bias, stride, padding)
        if kind == "Relu":
            return torch.relu(x[0])
        if kind == "Identity":
            return x[0]
        if kind == "Add":
            return x[0] + x[1]
        sys.exit(f"ONNX operation {kind} is not of a chain that can be trained here")

    def tensors(self, values):
        return {n: v.detach().float().cpu().contiguous() for n, v in zip(self.names, values)}
