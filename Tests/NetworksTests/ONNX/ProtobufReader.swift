// Reads the wire format back, independently of the writer, so that tests see what a peer sees.

struct ProtobufReader {
    enum Field: Equatable {
        case integer(UInt64)
        case fixed(UInt32)
        case data([UInt8])
    }

    /// Fields in the order of the bytes, or nil where these are not a message.
    static func fields(_ bytes: [UInt8]) -> [(number: Int, value: Field)]? {
        var position = 0
        func varint() -> UInt64? {
            var value: UInt64 = 0
            for shift in stride(from: 0, to: 70, by: 7) {
                guard position < bytes.count else { return nil }
                let byte = bytes[position]
                position += 1
                value |= UInt64(byte & 0x7f) << UInt64(shift)
                if byte < 0x80 { return value }
            }
            return nil
        }
        var result: [(Int, Field)] = []
        while position < bytes.count {
            guard let tag = varint() else { return nil }
            let number = Int(tag >> 3)
            switch tag & 7 {
            case 0:
                guard let value = varint() else { return nil }
                result.append((number, .integer(value)))
            case 2:
                guard let count = varint(), count <= UInt64(bytes.count - position) else {
                    return nil
                }
                result.append((number, .data(Array(bytes[position..<position + Int(count)]))))
                position += Int(count)
            case 5:
                guard position + 4 <= bytes.count else { return nil }
                let word = (0..<4).reduce(UInt32(0)) {
                    $0 | UInt32(bytes[position + $1]) << UInt32(8 * $1)
                }
                result.append((number, .fixed(word)))
                position += 4
            default: return nil
            }
        }
        return result
    }
}

/// The parts of an ONNX model that tests look at.
struct ParsedModel {
    struct Node {
        var type = "", inputs: [String] = [], outputs: [String] = []
        var integers: [String: [Int]] = [:], strings: [String: String] = [:]
        var floats: [String: Float] = [:]
    }
    struct Initialiser { var name = "", type = 0, dimensions: [Int] = [], bytes: [UInt8] = [] }
    struct Border: Equatable { var name = "", axes: [String] = [] }

    var formatVersion = 0, operatorSet = 0
    var nodes: [Node] = [], initialisers: [Initialiser] = []
    var inputs: [Border] = [], outputs: [Border] = []
    var metadata: [String: String] = [:]

    init?(_ bytes: [UInt8]) {
        guard let fields = ProtobufReader.fields(bytes) else { return nil }
        for case (1, .integer(let value)) in fields { formatVersion = Int(value) }
        for case (8, .data(let set)) in fields {
            for case (2, .integer(let value)) in ProtobufReader.fields(set) ?? [] {
                operatorSet = Int(value)
            }
        }
        for case (14, .data(let entry)) in fields {
            guard let pair = ProtobufReader.fields(entry), pair.count == 2 else { return nil }
            metadata[Self.text(pair[0].value)] = Self.text(pair[1].value)
        }
        guard case .data(let graph)? = fields.first(where: { $0.number == 7 })?.value,
            let parts = ProtobufReader.fields(graph)
        else { return nil }
        for case (let number, .data(let part)) in parts where number != 2 {
            guard let fields = ProtobufReader.fields(part) else { return nil }
            switch number {
            case 1: nodes.append(Self.node(fields))
            case 5: initialisers.append(Self.initialiser(fields))
            case 11: inputs.append(Self.border(fields))
            case 12: outputs.append(Self.border(fields))
            default: return nil
            }
        }
    }

    private static func text(_ field: ProtobufReader.Field) -> String {
        guard case .data(let bytes) = field else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func node(_ fields: [(number: Int, value: ProtobufReader.Field)]) -> Node {
        var node = Node()
        for (number, value) in fields {
            switch number {
            case 1: node.inputs.append(text(value))
            case 2: node.outputs.append(text(value))
            case 4: node.type = text(value)
            case 5:
                guard case .data(let bytes) = value,
                    let attribute = ProtobufReader.fields(bytes)
                else { continue }
                let name = text(attribute[0].value)
                for (number, value) in attribute.dropFirst() {
                    switch (number, value) {
                    case (2, .fixed(let bits)): node.floats[name] = Float(bitPattern: bits)
                    case (3, .integer(let word)), (8, .integer(let word)):
                        node.integers[name, default: []].append(Int(truncatingIfNeeded: word))
                    case (4, _): node.strings[name] = text(value)
                    default: break
                    }
                }
            default: break
            }
        }
        return node
    }

    private static func initialiser(
        _ fields: [(number: Int, value: ProtobufReader.Field)]
    ) -> Initialiser {
        var result = Initialiser()
        for (number, value) in fields {
            switch (number, value) {
            case (1, .integer(let extent)): result.dimensions.append(Int(extent))
            case (2, .integer(let type)): result.type = Int(type)
            case (8, _): result.name = text(value)
            case (9, .data(let bytes)): result.bytes = bytes
            default: break
            }
        }
        return result
    }

    /// ValueInfoProto: name 1, type 2 { tensor 1 { shape 2 { dim 1 { value 1, name 2 } } } }.
    private static func border(_ fields: [(number: Int, value: ProtobufReader.Field)]) -> Border {
        var result = Border()
        func inner(_ field: ProtobufReader.Field) -> [(number: Int, value: ProtobufReader.Field)] {
            guard case .data(let bytes) = field else { return [] }
            return ProtobufReader.fields(bytes) ?? []
        }
        for (number, value) in fields {
            if number == 1 { result.name = text(value) }
            guard number == 2, let tensor = inner(value).first else { continue }
            for (number, shape) in inner(tensor.value) where number == 2 {
                for (_, axis) in inner(shape) {
                    guard let dimension = inner(axis).first else { continue }
                    if case .integer(let extent) = dimension.value {
                        result.axes.append("\(extent)")
                    } else {
                        result.axes.append(text(dimension.value))
                    }
                }
            }
        }
        return result
    }
}
