// The pieces of an ONNX model: nodes, initialisers, inputs and outputs, as protobuf messages.
import Tensors

/// An attribute of an ONNX node.
enum ONNXAttribute {
    case integer(Int)
    case integers([Int])
    case float(Double)
    case string(String)
}

/// One axis of an ONNX input or output.
public enum ONNXDimension: Sendable, Hashable, ExpressibleByIntegerLiteral {
    /// Always this extent.
    case fixed(Int)
    /// Any extent; `sample` is one that fits, larger than 1, with which shapes are worked out.
    case named(String, sample: Int)

    /// A fixed extent.
    public init(integerLiteral value: Int) { self = .fixed(value) }

    /// The extent, or the sample of it.
    var sample: Int {
        switch self {
        case .fixed(let extent): extent
        case .named(_, let sample): sample
        }
    }
}

/// Collects the nodes of an ONNX graph, operator set 17.
///
/// Field numbers are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
final class ONNXWriter {
    static let operatorSet = 17
    /// The version of the file format that came with operator set 17.
    static let formatVersion = 8

    private var graph = ProtobufWriter()
    private var nodeCount = 0
    private var constants: [String: String] = [:]
    private var shapes: [String: String] = [:]

    /// Appends a node with one output and returns the output's name.
    func add(
        _ type: String, _ inputs: [String],
        _ attributes: KeyValuePairs<String, ONNXAttribute> = [:],
        output: String? = nil
    ) -> String {
        let name = output ?? "value.\(nodeCount)"
        nodeCount += 1
        graph.message(1) { node in
            for input in inputs { node.string(1, input) }
            node.string(2, name)
            node.string(3, "\(type).\(nodeCount - 1)")
            node.string(4, type)
            for (key, attribute) in attributes {
                node.message(5) { Self.write(attribute, key, to: &$0) }
            }
        }
        return name
    }

    private static func write(
        _ attribute: ONNXAttribute, _ name: String, to message: inout ProtobufWriter
    ) {
        message.string(1, name)
        switch attribute {
        case .float(let value):
            message.float(2, Float(value))
            message.integer(20, 1)
        case .integer(let value):
            message.integer(3, value)
            message.integer(20, 2)
        case .string(let value):
            message.string(4, value)
            message.integer(20, 3)
        case .integers(let values):
            for value in values { message.integer(8, value) }
            message.integer(20, 7)
        }
    }

    /// A tensor of the model, such as a weight.
    func initialiser(_ name: String, _ tensor: Tensor<Float>) {
        graph.message(5) { message in
            for extent in tensor.shape.dimensions { message.integer(1, extent) }
            message.integer(2, 1)
            message.string(8, name)
            tensor.withUnsafeBufferPointer { message.data(9, UnsafeRawBufferPointer($0)) }
        }
    }

    /// A constant Float tensor; equal ones are stored once.
    func constant(_ values: [Float], shape: Shape = []) -> String {
        let key = "f\(values.map(\.bitPattern))\(shape)"
        if let name = constants[key] { return name }
        let name = "constant.\(constants.count)"
        constants[key] = name
        initialiser(name, Tensor(values, shape: shape))
        return name
    }

    /// A constant list of whole numbers, or, for `isScalar`, a single one.
    func constant(_ values: [Int], isScalar: Bool = false) -> String {
        let key = "i\(values)\(isScalar)"
        if let name = constants[key] { return name }
        let name = "constant.\(constants.count)"
        constants[key] = name
        graph.message(5) { message in
            if !isScalar { message.integer(1, values.count) }
            message.integer(2, 7)
            message.string(8, name)
            let bytes = values.flatMap { value in
                (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            }
            message.data(9, bytes)
        }
        return name
    }

    /// The extents of a value at run time.
    func shape(of value: String) -> String {
        if let name = shapes[value] { return name }
        let name = add("Shape", [value])
        shapes[value] = name
        return name
    }

    /// One extent of a value at run time, as a single whole number.
    func extent(of value: String, axis: Int) -> String {
        add("Gather", [shape(of: value), constant([axis], isScalar: true)], ["axis": .integer(0)])
    }

    /// Declares an input of the model.
    func input(_ name: String, _ shape: [ONNXDimension]) { border(11, name, shape) }
    /// Declares an output of the model.
    func output(_ name: String, _ shape: [ONNXDimension]) { border(12, name, shape) }

    private func border(_ field: Int, _ name: String, _ shape: [ONNXDimension]) {
        graph.message(field) { info in
            info.string(1, name)
            info.message(2) { type in
                type.message(1) { tensor in
                    tensor.integer(1, 1)
                    tensor.message(2) { message in
                        for dimension in shape {
                            message.message(1) { axis in
                                switch dimension {
                                case .fixed(let extent): axis.integer(1, extent)
                                case .named(let name, _): axis.string(2, name)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The whole model.
    func model(name: String, metadata: [String: String]) -> [UInt8] {
        graph.string(2, name)
        var model = ProtobufWriter()
        model.integer(1, Self.formatVersion)
        model.string(2, "percept")
        model.data(7, graph.bytes)
        model.message(8) { set in
            set.string(1, "")
            set.integer(2, Self.operatorSet)
        }
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            model.message(14) { entry in
                entry.string(1, key)
                entry.string(2, value)
            }
        }
        return model.bytes
    }
}
