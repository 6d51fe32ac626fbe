// Weights that torch.save wrote, read without running anything.
import Tensors

/// The tensors of a file that `torch.save` wrote (PyTorch 1.6 and later: a zip archive).
///
/// Read are dictionaries, lists, tuples, texts, numbers, None, `torch.Size`, parameters and tensors
/// of any type of number, converted to Float. Whatever else a file names is refused by its name.
public struct PyTorchFile {
    /// Tensors by name: entries of nested dictionaries and lists are joined by dots.
    public let tensors: [String: Tensor<Float>]
    /// The file as the caller named it.
    public let path: String

    /// Whether a file begins as those do that `torch.save` writes: as a zip archive.
    public static func isOne(_ path: String) -> Bool {
        guard let file = try? MappedFile(path), file.bytes.count >= 4 else { return false }
        return file.bytes.prefix(4).elementsEqual([0x50, 0x4B, 3, 4])
    }

    /// Reads all tensors of a file.
    ///
    /// - Throws: ``PyTorchError``; `SafetensorsError` where the file cannot be opened.
    public init(contentsOf path: String) throws {
        let file = try MappedFile(path)
        let archive = try ZipArchive(file.bytes, path: path)
        func fail(_ problem: String) -> PyTorchError { PyTorchError(file: path, problem: problem) }
        guard
            let pickle = archive.members.first(where: {
                $0.key == "data.pkl" || $0.key.hasSuffix("/data.pkl")
            })
        else { throw fail("is a zip archive that torch.save did not write: it has no data.pkl") }
        let folder = String(pickle.key.dropLast("data.pkl".count))
        if let order = archive.members[folder + "byteorder"],
            String(decoding: file.bytes[order], as: UTF8.self) != "little"
        {
            throw fail("was written on a machine with another order of bytes")
        }
        var unpickler = Unpickler(UnsafeRawBufferPointer(rebasing: file.bytes[pickle.value]))
        let value: PickledValue
        do { value = try unpickler.value() } catch {
            throw fail(error.problem)
        }
        var found: [String: Tensor<Float>] = [:]
        /// Nesting is bounded: a dictionary may hold itself.
        func collect(_ value: PickledValue, _ name: String, depth: Int) throws {
            guard depth < 16 else { throw fail("is nested deeper than any state dictionary") }
            switch value {
            case .tensor(let tensor):
                let read = try Self.tensor(tensor, name, archive, folder, file, path)
                guard found.updateValue(read, forKey: name) == nil else {
                    throw fail("tensor '\(name)' is there twice")
                }
            case .dictionary(let dictionary):
                for (key, value) in dictionary.entries {
                    let part: String
                    switch key {
                    case .text(let text): part = text
                    case .int(let number): part = "\(number)"
                    default: continue
                    }
                    try collect(value, name.isEmpty ? part : "\(name).\(part)", depth: depth + 1)
                }
            case .list(let list):
                for (index, value) in list.elements.enumerated() {
                    try collect(
                        value, name.isEmpty ? "\(index)" : "\(name).\(index)", depth: depth + 1)
                }
            default: break
            }
        }
        try collect(value, "", depth: 0)
        guard !found.isEmpty else { throw fail("holds no tensors") }
        tensors = found
        self.path = path
    }

    /// The tensors that a module declares, wherever in the file they stand: at its top, or below
    /// "params_ema", "params", "state_dict", "model" or "generator", with or without "module.".
    ///
    /// - Throws: ``PyTorchError`` naming the tensor that is missing, of another shape, or left over.
    public func parameters(for module: some Module) throws(PyTorchError) -> Parameters {
        let declarations = module.declarations
        let homes = ["", "params_ema.", "params.", "state_dict.", "model.", "generator."]
        let prefixes = homes.flatMap { [$0, $0 + "module."] }
        // The home that knows most of the names; the first of equals.
        let scored = prefixes.map { prefix in
            (prefix, declarations.count { tensors[prefix + $0.path] != nil })
        }
        let best = scored.max { $0.1 < $1.1 }!
        let prefix = scored.first { $0.1 == best.1 }!.0
        var result = Parameters()
        for declaration in declarations {
            guard let tensor = tensors[prefix + declaration.path] else {
                throw PyTorchError(
                    file: path, problem: "tensor '\(prefix + declaration.path)' is missing")
            }
            guard tensor.shape == declaration.shape else {
                throw PyTorchError(
                    file: path,
                    problem: "tensor '\(prefix + declaration.path)' is \(tensor.shape), not"
                        + " \(declaration.shape)")
            }
            result.append(tensor, at: declaration.path)
        }
        let known = Set(declarations.map { prefix + $0.path })
        let others = prefixes.filter { $0.count > prefix.count }
        if let extra = tensors.keys.sorted().first(where: { name in
            name.hasPrefix(prefix) && !known.contains(name)
                // How often a norm was trained: nothing that it computes by.
                && !name.hasSuffix(".num_batches_tracked")
                && !others.contains { name.hasPrefix($0) }
        }) {
            throw PyTorchError(
                file: path, problem: "tensor '\(extra)' is not part of this network")
        }
        return result
    }

    /// Reads the numbers of a view.
    private static func tensor(
        _ view: PickledTensor, _ name: String, _ archive: ZipArchive, _ folder: String,
        _ file: MappedFile, _ path: String
    ) throws -> Tensor<Float> {
        func fail(_ problem: String) -> PyTorchError {
            PyTorchError(file: path, problem: "tensor '\(name)' \(problem)")
        }
        guard let member = archive.members[folder + "data/" + view.storage.key] else {
            throw fail("has no data")
        }
        let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[member])
        guard let number = NumberType(view.storage.type) else {
            throw fail("is of \(view.storage.type)")
        }
        guard view.storage.count <= bytes.count / number.size else { throw fail("is cut short") }
        guard view.shape.count == view.strides.count, view.shape.allSatisfy({ $0 >= 0 }),
            view.strides.allSatisfy({ $0 >= 0 }), view.offset >= 0
        else { throw fail("has sizes that are no sizes") }
        var count = 1, last = view.offset
        for (extent, stride) in zip(view.shape, view.strides) {
            let (product, overflows) = count.multipliedReportingOverflow(by: extent)
            let (reach, reachOverflows) = max(extent - 1, 0).multipliedReportingOverflow(by: stride)
            let (sum, sumOverflows) = last.addingReportingOverflow(reach)
            guard !overflows, !reachOverflows, !sumOverflows else {
                throw fail("is beyond all bounds")
            }
            (count, last) = (product, sum)
        }
        // A view that repeats numbers is no weight, and could be made of any size.
        guard count <= view.storage.count, count == 0 || last < view.storage.count else {
            throw fail("reaches beyond its data")
        }
        return Tensor(shape: Shape(view.shape)) { values in
            for index in 0..<count {
                var rest = index, position = view.offset
                for axis in view.shape.indices.reversed() {
                    position += rest % view.shape[axis] * view.strides[axis]
                    rest /= view.shape[axis]
                }
                values[index] = number.value(bytes, position)
            }
        }
    }
}

/// Types of numbers in storages.
private enum NumberType: String {
    case FloatStorage, DoubleStorage, HalfStorage, BFloat16Storage, LongStorage, IntStorage
    case ShortStorage, CharStorage, ByteStorage, BoolStorage

    init?(_ name: String) { self.init(rawValue: name) }

    var size: Int {
        switch self {
        case .DoubleStorage, .LongStorage: 8
        case .FloatStorage, .IntStorage: 4
        case .HalfStorage, .BFloat16Storage, .ShortStorage: 2
        case .CharStorage, .ByteStorage, .BoolStorage: 1
        }
    }

    func value(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Float {
        func load<T: BitwiseCopyable>(_ type: T.Type) -> T {
            bytes.loadUnaligned(fromByteOffset: index * size, as: type)
        }
        switch self {
        case .FloatStorage: return load(Float.self)
        case .DoubleStorage: return Float(load(Double.self))
        case .HalfStorage: return Float(load(Float16.self))
        case .BFloat16Storage: return Float(bitPattern: UInt32(load(UInt16.self)) << 16)
        case .LongStorage: return Float(load(Int64.self))
        case .IntStorage: return Float(load(Int32.self))
        case .ShortStorage: return Float(load(Int16.self))
        case .CharStorage: return Float(load(Int8.self))
        case .ByteStorage: return Float(load(UInt8.self))
        case .BoolStorage: return load(UInt8.self) == 0 ? 0 : 1
        }
    }
}
