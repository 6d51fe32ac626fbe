// Reading and writing weights as safetensors files.
import Tensors

/// An open safetensors file: its header is parsed and checked, its tensors are read when asked for.
///
/// - SeeAlso: https://github.com/huggingface/safetensors, section "Format".
public struct Safetensors: Sendable {
    /// The tensors in the order of their bytes.
    public var entries: [SafetensorsHeader.Entry] { header.entries }
    /// Free text beside the tensors.
    public var metadata: [String: String] { header.metadata }
    /// The file as the caller named it.
    public var path: String { file.path }

    private let header: SafetensorsHeader
    private let file: MappedFile
    private let dataStart: Int
    private let index: [String: Int]

    /// Opens the file at `path` and checks its header.
    ///
    /// - Throws: `SafetensorsError` for a file that cannot be read or breaks a rule of the format.
    public init(contentsOf path: String) throws(SafetensorsError) {
        file = try MappedFile(path)
        let bytes = file.bytes
        do throws(SafetensorsError.Problem) {
            guard bytes.count >= 8 else { throw .tooShort(bytes: bytes.count) }
            let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
            let limit = min(SafetensorsHeader.limit, bytes.count - 8)
            guard length <= UInt64(limit) else {
                throw .headerLength(declared: length, limit: limit)
            }
            dataStart = 8 + Int(length)
            header = try SafetensorsHeader(
                parsing: UnsafeRawBufferPointer(rebasing: bytes[8..<dataStart]),
                dataLength: bytes.count - dataStart)
        } catch {
            throw SafetensorsError(file: path, problem: error)
        }
        index = Dictionary(
            uniqueKeysWithValues: header.entries.enumerated().map { ($1.name, $0) })
    }

    /// Whether the file holds a tensor called `name`.
    public func contains(_ name: String) -> Bool { index[name] != nil }

    /// What the header says of the tensor called `name`, or nil.
    public func entry(_ name: String) -> SafetensorsHeader.Entry? {
        index[name].map { header.entries[$0] }
    }

    /// The tensor called `name`; F16 and BF16 are widened exactly.
    ///
    /// - Throws: `SafetensorsError` where there is none.
    public func tensor(_ name: String) throws(SafetensorsError) -> Tensor<Float> {
        guard let entry = entry(name) else { throw error(.missingTensor(name)) }
        let start = dataStart + entry.bytes.lowerBound
        let source = UnsafeRawBufferPointer(
            rebasing: file.bytes[start..<start + entry.bytes.count])
        return Tensor(shape: Shape(entry.shape)) { result in
            switch entry.type {
            case .float32:
                for i in 0..<result.count {
                    let bits = source.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)
                    result[i] = Float(bitPattern: UInt32(littleEndian: bits))
                }
            case .float16, .bfloat16:
                let widen = entry.type == .float16 ? float(fromHalf:) : float(fromBrain:)
                for i in 0..<result.count {
                    let bits = source.loadUnaligned(fromByteOffset: 2 * i, as: UInt16.self)
                    result[i] = widen(UInt16(littleEndian: bits))
                }
            }
        }
    }

    /// Calls `body` with the stored bytes of an entry: mapped memory that lives as long as the file
    /// is open.
    public func withBytes<Result>(
        of entry: SafetensorsHeader.Entry, _ body: (UnsafeRawPointer) throws -> Result
    ) rethrows -> Result {
        try body(file.bytes.baseAddress! + dataStart + entry.bytes.lowerBound)
    }

    /// An error about this file.
    package func error(_ problem: SafetensorsError.Problem) -> SafetensorsError {
        SafetensorsError(file: path, problem: problem)
    }

    /// Writes tensors in the given order, replacing the file at once or not at all.
    ///
    /// Equal arguments give equal bytes.
    ///
    /// - Parameter brain: Names of tensors to be rounded to BF16; all others are stored as F32.
    /// - Throws: `FileWriteError`.
    public static func write(
        _ tensors: [(name: String, tensor: Tensor<Float>)], metadata: [String: String] = [:],
        brain: Set<String> = [], to path: String
    ) throws(FileWriteError) {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }
                .map { "\(quoted($0.key)):\(quoted($0.value))" }
            members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        var names: Set<String> = ["__metadata__"]
        for (name, tensor) in tensors {
            precondition(names.insert(name).inserted, "two tensors are called '\(name)'")
            let isBrain = brain.contains(name)
            let end = offset + (isBrain ? 2 : 4) * tensor.count
            let extents = tensor.shape.dimensions.map(String.init).joined(separator: ",")
            members.append(
                "\(quoted(name)):{\"dtype\":\"\(isBrain ? "BF16" : "F32")\",\"shape\":[\(extents)],"
                    + "\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var header = Array("{\(members.joined(separator: ","))}".utf8)
        // Readers that map the file like their tensors aligned.
        header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
        precondition(header.count <= SafetensorsHeader.limit, "a header over 100 MB")
        let length = (0..<8).map { UInt8(truncatingIfNeeded: UInt64(header.count) >> (8 * $0)) }

        let rounded = tensors.map { brain.contains($0.name) ? brainElements($0.tensor) : [] }
        try withExtendedLifetime((tensors, rounded)) { () throws(FileWriteError) in
            // Tensors are little-endian in memory on every platform this builds for.
            let data = zip(tensors, rounded).map { tensor, rounded in
                rounded.isEmpty
                    ? tensor.tensor.withUnsafeBufferPointer { UnsafeRawBufferPointer($0) }
                    : rounded.withUnsafeBytes { $0 }
            }
            let start = length + header
            var failure: FileWriteError?
            start.withUnsafeBytes { start in
                do throws(FileWriteError) {
                    try writeAtomically([start] + data, to: path)
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
        }
    }

    /// The upper halves of Floats, rounded to the nearest, ties to even.
    private static func brainElements(_ tensor: Tensor<Float>) -> [UInt16] {
        tensor.withUnsafeBufferPointer { source in
            source.map { value in
                let bits = value.bitPattern
                if value.isNaN { return UInt16(bits >> 16) | 0x40 }
                return UInt16((bits + 0x7fff + ((bits >> 16) & 1)) >> 16)
            }
        }
    }
}

/// `text` as a JSON string.
package func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case _ where scalar.value < 0x20:
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

/// IEEE binary16, widened. Written out because `Float16` needs library support that varies.
func float(fromHalf bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10 & 0x1f)
    let fraction = UInt32(bits & 0x3ff)
    switch exponent {
    case 0:
        let magnitude = Float(fraction) * 0x1p-24
        return sign == 0 ? magnitude : -magnitude
    case 0x1f: return Float(bitPattern: sign | 0x7f80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
}

/// bfloat16, widened.
func float(fromBrain bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
