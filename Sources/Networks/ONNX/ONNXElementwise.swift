// Element-wise operations, constants and broadcasting as ONNX nodes.
import Graphs
import Tensors

extension ONNXNode {
    /// One ONNX node on this node's inputs, or on the given ones.
    func apply(
        _ type: String, _ inputs: [String]? = nil,
        _ attributes: KeyValuePairs<String, ONNXAttribute> = [:]
    ) -> String {
        writer.add(type, inputs ?? self.inputs, attributes)
    }

    /// A constant number.
    func number(_ value: Double) -> String { writer.constant([Float(value)]) }
}

extension Constant: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.writer.constant(tensor.elements.map { Float($0) }, shape: tensor.shape)
    }
}

// MARK: - One value

extension AbsoluteValue: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Abs") }
}
extension Sign: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Sign") }
}
extension Exponential: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Exp") }
}
extension Logarithm: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Log") }
}
extension SquareRoot: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Sqrt") }
}
extension ErrorFunction: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Erf") }
}
extension Sigmoid: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Sigmoid") }
}
extension Tanh: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Tanh") }
}
extension Softplus: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Softplus") }
}
extension SiLU: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.apply("Mul", [node.inputs[0], node.apply("Sigmoid")])
    }
}
extension GELU: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        let scaled = node.apply("Mul", [node.inputs[0], node.number(0.5.squareRoot())])
        let probability = node.apply("Add", [node.apply("Erf", [scaled]), node.number(1)])
        let half = node.apply("Mul", [node.inputs[0], node.number(0.5)])
        return node.apply("Mul", [half, probability])
    }
}
extension LeakyReLU: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        slope == 0
            ? node.apply("Relu") : node.apply("LeakyRelu", nil, ["alpha": .float(slope)])
    }
}
extension Power: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.apply("Pow", [node.inputs[0], node.number(exponent)])
    }
}
extension Clamp: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.apply("Clip", [node.inputs[0], node.number(lower), node.number(upper)])
    }
}
extension Affine: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        var result = node.inputs[0]
        if scale != 1 { result = node.apply("Mul", [result, node.number(scale)]) }
        if offset != 0 { result = node.apply("Add", [result, node.number(offset)]) }
        return result
    }
}
extension Softmax: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.apply("Softmax", nil, ["axis": .integer(axis)])
    }
}
extension LogSoftmax: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.apply("LogSoftmax", nil, ["axis": .integer(axis)])
    }
}

// MARK: - Two values

extension Add: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Add") }
}
extension Subtract: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Sub") }
}
extension Multiply: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Mul") }
}
extension Divide: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Div") }
}
extension MaximumOf: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Max") }
}
extension MinimumOf: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Min") }
}

// MARK: - Shapes of other values

extension BroadcastLike: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.apply("Expand", [node.inputs[0], node.writer.shape(of: node.inputs[1])])
    }
}
extension OnesLike: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.apply("Expand", [node.number(1), node.writer.shape(of: node.inputs[0])])
    }
}
extension ZerosLike: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.apply("Expand", [node.number(0), node.writer.shape(of: node.inputs[0])])
    }
}
extension SumLike: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        let (large, small) = (node.shapes[0], node.shapes[1])
        let padding = large.rank - small.rank
        let axes = (0..<large.rank).filter { axis in
            axis < padding || small[axis - padding] == 1 && large[axis] != 1
        }
        if axes.isEmpty { return node.inputs[0] }
        let sum = node.apply("ReduceSum", [node.inputs[0], node.writer.constant(axes)])
        return node.apply("Reshape", [sum, node.writer.shape(of: node.inputs[1])])
    }
}
