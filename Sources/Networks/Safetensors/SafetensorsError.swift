// What can be wrong with a weights file: every case carries its operands and prints as one line.

/// A weights file that cannot be read, or must not be trusted.
public struct SafetensorsError: Error, Equatable, CustomStringConvertible {
    /// The file as the caller named it.
    public let file: String
    /// What is wrong with it.
    public let problem: Problem

    /// An error about `file`.
    public init(file: String, problem: Problem) {
        self.file = file
        self.problem = problem
    }

    /// What can be wrong with a weights file.
    public enum Problem: Error, Equatable {
        /// The system refuses to open, read or map it.
        case unreadable(reason: String)
        /// It ends before the eight bytes of the header's length.
        case tooShort(bytes: Int)
        /// The header's length leads past the end of the file or over the limit.
        case headerLength(declared: UInt64, limit: Int)
        /// The header is not a JSON object of the kind that safetensors allows.
        case header(byte: Int, expected: String)
        /// The header is not UTF-8.
        case encoding
        /// A key occurs twice.
        case duplicate(key: String)
        /// A tensor's entry has a key that safetensors does not know.
        case unknownKey(tensor: String, key: String)
        /// A tensor's entry lacks a key.
        case missingKey(tensor: String, key: String)
        /// The element type is none of F32, F16, BF16.
        case elementType(tensor: String, found: String)
        /// The number of elements does not fit a machine word.
        case shapeOverflow(tensor: String, shape: [Int])
        /// The bytes between the offsets are not what shape and element type need.
        case byteCount(tensor: String, expected: Int, found: Int)
        /// A tensor does not begin where the one before it ends: a hole or an overlap.
        case offset(tensor: String, expected: Int, found: Int)
        /// The tensors end elsewhere than the file.
        case dataLength(expected: Int, found: Int)
        /// The file holds no such tensor.
        case missingTensor(String)
        /// The file holds a tensor that the network does not know.
        case unexpectedTensor(String)
        /// A tensor's shape is not the network's.
        case wrongShape(tensor: String, expected: [Int], found: [Int])
        /// A metadata entry that a reader relies on is missing or malformed.
        case metadata(key: String, expected: String, found: String?)
    }

    /// `model.safetensors: tensor 'head.bias' has shape [4], expected [6]; is it another model's?`
    public var description: String { "\(escaped(file)): \(problem)" }
}

extension SafetensorsError.Problem: CustomStringConvertible {
    /// What is wrong and what to do, without the file.
    public var description: String {
        switch self {
        case .unreadable(let reason): "cannot be read: \(reason)"
        case .tooShort(let bytes):
            "holds \(bytes) bytes, too few for a safetensors file; fetch it again"
        case .headerLength(let declared, let limit):
            "the header declares \(declared) bytes where at most \(limit) are possible; "
                + "the file is cut off or no safetensors file"
        case .header(let byte, let expected):
            "header byte \(byte): expected \(expected); the file is damaged"
        case .encoding: "the header is not UTF-8; the file is damaged"
        case .duplicate(let key): "key '\(escaped(key))' occurs twice; the file is not trustworthy"
        case .unknownKey(let tensor, let key):
            "tensor '\(escaped(tensor))' has an unknown key '\(escaped(key))'; "
                + "expected dtype, shape, data_offsets"
        case .missingKey(let tensor, let key):
            "tensor '\(escaped(tensor))' has no '\(key)'; the file is damaged"
        case .elementType(let tensor, let found):
            "tensor '\(escaped(tensor))' holds \(escaped(found)); "
                + "only F32, F16 and BF16 are read: convert it"
        case .shapeOverflow(let tensor, let shape):
            "tensor '\(escaped(tensor))' of shape \(brief(shape)) has more elements than memory; "
                + "the file is damaged"
        case .byteCount(let tensor, let expected, let found):
            "tensor '\(escaped(tensor))' needs \(expected) bytes, its offsets span \(found); "
                + "the file is damaged"
        case .offset(let tensor, let expected, let found):
            "tensor '\(escaped(tensor))' begins at \(found), expected \(expected); "
                + "holes and overlaps are refused"
        case .dataLength(let expected, let found):
            "tensors take \(expected) bytes, the file holds \(found); "
                + (found < expected ? "it is cut off: fetch it again" : "something was appended")
        case .missingTensor(let tensor):
            "tensor '\(escaped(tensor))' is missing; is it another model's file?"
        case .unexpectedTensor(let tensor):
            "tensor '\(escaped(tensor))' is not part of this network; is it another model's file?"
        case .wrongShape(let tensor, let expected, let found):
            "tensor '\(escaped(tensor))' has shape \(brief(found)), expected \(expected); "
                + "is it another model's file?"
        case .metadata(let key, let expected, let found):
            "metadata '\(escaped(key))' is \(found.map { "'\(escaped($0))'" } ?? "missing"), "
                + "expected \(expected)"
        }
    }
}

/// `text` on one line, without control characters, and short: a damaged file's names may hold
/// anything.
func escaped(_ text: String) -> String {
    var result = ""
    var count = 0
    for scalar in text.unicodeScalars {
        count += 1
        guard count <= 200 else { return result + "…" }
        let unprintable =
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
            default: false
            }
        result += unprintable ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
    }
    return result
}

private func brief(_ shape: [Int]) -> String {
    shape.count <= 8
        ? "\(shape)" : "[\(shape.prefix(8).map(String.init).joined(separator: ", ")), …]"
}
