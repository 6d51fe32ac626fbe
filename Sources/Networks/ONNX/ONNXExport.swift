// Any inference graph as an ONNX model, so that other engines can run it.
import Graphs
import Tensors

/// A graph that cannot be written as ONNX.
public enum ONNXError: Error, Equatable, CustomStringConvertible {
    /// The operation has no counterpart that this export knows; training graphs have such.
    case unsupported(operation: String, node: Int)
    /// The operation is only written for fixed sizes.
    case dynamicSize(operation: String, node: Int)
    /// No value was given for a parameter.
    case missingParameter(String)
    /// No shape was given for an input.
    case missingInput(String)

    /// One line: what, where, what to do.
    public var description: String {
        switch self {
        case .unsupported(let operation, let node):
            "ONNX export: node \(node) is '\(operation)', which has no ONNX form; "
                + "export the inference graph"
        case .dynamicSize(let operation, let node):
            "ONNX export: node \(node), '\(operation)', needs fixed sizes; "
                + "export without named axes"
        case .missingParameter(let path): "ONNX export: no value for parameter '\(path)'"
        case .missingInput(let name): "ONNX export: no shape for input '\(name)'"
        }
    }
}

/// An operation that can be written as ONNX nodes.
protocol ONNXExportable: Operation {
    /// Appends the nodes that compute this operation and returns the name of the result.
    func export(_ node: ONNXNode) throws -> String
}

/// What an operation needs to know to be written.
struct ONNXNode {
    /// Where nodes go.
    let writer: ONNXWriter
    /// Names of the inputs.
    let inputs: [String]
    /// Shapes of the inputs and of the output, for the sample sizes where axes are named.
    let shapes: [Shape], output: Shape
    /// Position in the graph.
    let index: Int
    /// Whether any axis is named.
    let isDynamic: Bool
}

extension Graph {
    /// This graph as an ONNX model, operator set 17.
    ///
    /// - Parameter parameters: Values of all parameters; they are stored in the model.
    /// - Parameter inputs: The shape of each input; named axes may have any extent at run time.
    /// - Parameter metadata: Free text stored beside the graph.
    /// - Returns: The bytes of the file.
    /// - Throws: `ONNXError`, and `ShapeError` where shapes do not fit.
    /// - SeeAlso: https://onnx.ai/onnx/operators/
    public func onnx(
        parameters: Parameters, inputs declared: [String: [ONNXDimension]],
        name: String = "percept", metadata: [String: String] = [:]
    ) throws -> [UInt8] {
        for name in self.inputs.keys.sorted() where declared[name] == nil {
            throw ONNXError.missingInput(name)
        }
        func sampled(_ scale: Int) throws -> [Shape] {
            try self.shapes { name in
                if let tensor = parameters[name] { return tensor.shape }
                return declared[name].map { shape in
                    Shape(
                        shape.map { axis in
                            if case .named(_, let sample) = axis { return scale * sample }
                            return axis.sample
                        })
                }
            }
        }
        let isDynamic = declared.values.joined().contains {
            if case .named = $0 { true } else { false }
        }
        for path in self.parameters.keys.sorted() where parameters[path] == nil {
            throw ONNXError.missingParameter(path)
        }
        let shapes = try sampled(1)

        let writer = ONNXWriter()
        var names: [String] = []
        for (index, node) in nodes.enumerated() {
            switch node.operation {
            case let source as Input:
                writer.input(source.name, declared[source.name]!)
                names.append(source.name)
            case let source as Parameter:
                writer.initialiser(source.name, parameters[source.name]!)
                names.append(source.name)
            case let operation as any ONNXExportable:
                names.append(
                    try operation.export(
                        ONNXNode(
                            writer: writer, inputs: node.inputs.map { names[$0] },
                            shapes: node.inputs.map { shapes[$0] }, output: shapes[index],
                            index: index, isDynamic: isDynamic)))
            default:
                throw ONNXError.unsupported(operation: node.operation.kind, node: index)
            }
        }
        // An axis whose extent follows the samples is not fixed.
        let larger = isDynamic ? try sampled(2) : shapes
        for (name, node) in outputs {
            _ = writer.add("Identity", [names[node]], output: name)
            let extents = zip(shapes[node].dimensions, larger[node].dimensions)
            writer.output(
                name,
                extents.enumerated().map { axis, extents in
                    extents.0 == extents.1
                        ? .fixed(extents.0) : .named("\(name).\(axis)", sample: extents.0)
                })
        }
        return writer.model(name: name, metadata: metadata)
    }

    /// Writes this graph as an ONNX file, replacing it at once or not at all; see `onnx`.
    ///
    /// - Throws: `ONNXError`, `ShapeError`, `FileWriteError`.
    public func writeONNX(
        to path: String, parameters: Parameters, inputs: [String: [ONNXDimension]],
        name: String = "percept", metadata: [String: String] = [:]
    ) throws {
        let bytes = try onnx(
            parameters: parameters, inputs: inputs, name: name, metadata: metadata)
        try bytes.withUnsafeBytes { try writeAtomically([$0], to: path) }
    }
}
