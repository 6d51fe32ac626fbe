// Operations that move, join, pick and reduce elements as ONNX nodes.
import Graphs
import Tensors

extension Reshape: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.apply("Reshape", [node.inputs[0], node.writer.constant(extents)])
    }
}
extension ReshapeLike: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.apply("Reshape", [node.inputs[0], node.writer.shape(of: node.inputs[1])])
    }
}
extension Transpose: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.apply("Transpose", nil, ["perm": .integers(permutation)])
    }
}
extension Concatenate: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.apply("Concat", nil, ["axis": .integer(axis)])
    }
}
extension Slice: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        // ONNX takes an end beyond the axis for the axis' end.
        let bounds = [start, end ?? Int(Int64.max), axis, step].map { node.writer.constant([$0]) }
        return node.apply("Slice", [node.inputs[0]] + bounds)
    }
}
extension Pad: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        let mode =
            switch border {
            case .zero: "constant"
            case .reflect: "reflect"
            case .replicate: "edge"
            }
        let pads = node.writer.constant(before + after)
        return node.apply("Pad", [node.inputs[0], pads], ["mode": .string(mode)])
    }
}
extension Gather: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        let rounded = node.apply("Round", [node.inputs[1]])
        let positions = node.apply("Cast", [rounded], ["to": .integer(7)])
        return node.apply("Gather", [node.inputs[0], positions], ["axis": .integer(axis)])
    }
}

// MARK: - Reductions

extension Sum: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        let axes = over.axes.map { [node.writer.constant($0)] } ?? []
        return node.apply(
            "ReduceSum", node.inputs + axes, ["keepdims": .integer(over.keepsDimensions ? 1 : 0)])
    }
}
extension Mean: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.reduce("ReduceMean", over) }
}
extension Maximum: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.reduce("ReduceMax", over) }
}
extension ChannelSum: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.apply(
            "ReduceSum", node.inputs + [node.writer.constant([0, 2, 3])],
            ["keepdims": .integer(0)])
    }
}

extension ONNXNode {
    /// A reduction that takes its axes as an attribute.
    fileprivate func reduce(_ type: String, _ over: ReductionAxes) -> String {
        let keeps = ONNXAttribute.integer(over.keepsDimensions ? 1 : 0)
        guard let axes = over.axes else { return apply(type, nil, ["keepdims": keeps]) }
        return apply(type, nil, ["axes": .integers(axes), "keepdims": keeps])
    }
}

// MARK: - Products

extension Linear: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        if node.shapes[0].rank == 2 {
            return node.apply("Gemm", nil, ["transB": .integer(1)])
        }
        let weights = node.apply("Transpose", [node.inputs[1]], ["perm": .integers([1, 0])])
        let product = node.apply("MatMul", [node.inputs[0], weights])
        return node.inputs.count == 3 ? node.apply("Add", [product, node.inputs[2]]) : product
    }
}
extension MatrixProduct: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        func operand(_ index: Int, _ isTransposed: Bool) -> String {
            guard isTransposed else { return node.inputs[index] }
            let rank = node.shapes[index].rank
            let permutation = Array(0..<rank - 2) + [rank - 1, rank - 2]
            return node.apply(
                "Transpose", [node.inputs[index]], ["perm": .integers(permutation)])
        }
        return node.apply("MatMul", [operand(0, transposesFirst), operand(1, transposesSecond)])
    }
}
