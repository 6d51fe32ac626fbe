// Norms by the statistics of the batch as ONNX nodes.
import Graphs
import Tensors

extension ChannelMoments: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        func mean(_ value: String) -> String {
            node.apply(
                "ReduceMean", [value], ["axes": .integers([0, 2, 3]), "keepdims": .integer(1)])
        }
        func row(_ value: String) -> String {
            node.apply("Reshape", [value, node.writer.constant([1, -1])])
        }
        let centre = mean(node.inputs[0])
        let distance = node.apply("Sub", [node.inputs[0], centre])
        let variance = mean(node.apply("Mul", [distance, distance]))
        return node.apply("Concat", [row(centre), row(variance)], ["axis": .integer(0)])
    }
}

extension BatchNormalise: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        func channels(_ value: String) -> String {
            node.apply("Reshape", [value, node.writer.constant([1, -1, 1, 1])])
        }
        func moment(_ row: Int) -> String {
            channels(
                node.apply(
                    "Gather", [node.inputs[1], node.writer.constant([row])], ["axis": .integer(0)]))
        }
        let stable = node.apply("Add", [moment(1), node.number(epsilon)])
        let normal = node.apply(
            "Div",
            [node.apply("Sub", [node.inputs[0], moment(0)]), node.apply("Sqrt", [stable])])
        let scaled = node.apply("Mul", [normal, channels(node.inputs[2])])
        return node.apply("Add", [scaled, channels(node.inputs[3])])
    }
}

extension GradientReversal: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Identity", [node.inputs[0]]) }
}

extension Identity: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String { node.apply("Identity", [node.inputs[0]]) }
}
