// Files as torch.save writes them, made without PyTorch.
import Tensors

/// Pickles of protocol 2 and zip archives of stored members, as torch.save writes them.
public struct Pickle {
    public var bytes: [UInt8] = [0x80, 2]

    public init() {}

    public mutating func put(_ code: Character) { bytes.append(code.asciiValue!) }
    public mutating func text(_ text: String) {
        put("X")
        bytes += little(text.utf8.count, 4) + Array(text.utf8)
    }
    public mutating func int(_ value: Int) {
        put("J")
        bytes += little(value & 0xffff_ffff, 4)
    }
    public mutating func name(_ module: String, _ name: String) {
        put("c")
        bytes += Array("\(module)\n\(name)\n".utf8)
    }
    public mutating func tuple(_ parts: [(inout Pickle) -> Void]) {
        put("(")
        for part in parts { part(&self) }
        put("t")
    }
    /// A tensor as a call of `_rebuild_tensor_v2`.
    public mutating func tensor(
        _ key: String, type: String = "FloatStorage", count: Int, offset: Int = 0, shape: [Int],
        strides: [Int]
    ) {
        name("torch._utils", "_rebuild_tensor_v2")
        tuple([
            { pickle in
                pickle.tuple([
                    { $0.text("storage") }, { $0.name("torch", type) }, { $0.text(key) },
                    { $0.text("cpu") }, { $0.int(count) },
                ])
                pickle.put("Q")
            }, { $0.int(offset) },
            { $0.tuple(shape.map { extent in { $0.int(extent) } }) },
            { $0.tuple(strides.map { stride in { $0.int(stride) } }) },
            { $0.bytes.append(0x89) },
            { pickle in
                pickle.name("collections", "OrderedDict")
                pickle.put(")")
                pickle.put("R")
            },
        ])
        put("R")
    }
}

/// A whole number in so many bytes, the least first.
public func little(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

/// A zip archive of stored members; `method` says that they are packed.
public func zipArchive(_ members: [(String, [UInt8])], method: Int = 0) -> [UInt8] {
    var bytes: [UInt8] = [], directory: [UInt8] = []
    for (name, content) in members {
        let start = bytes.count
        let common =
            little(0, 2) + little(method, 2) + little(0, 8) + little(content.count, 4)
            + little(content.count, 4) + little(name.utf8.count, 2)
        bytes += [0x50, 0x4b, 3, 4] + little(20, 2) + common + little(0, 2) + Array(name.utf8)
        bytes += content
        directory += [0x50, 0x4b, 1, 2] + little(20, 2) + little(20, 2) + common + little(0, 12)
        directory += little(start, 4) + Array(name.utf8)
    }
    let start = bytes.count
    bytes += directory + [0x50, 0x4b, 5, 6] + little(0, 4) + little(members.count, 2)
    bytes += little(members.count, 2) + little(directory.count, 4) + little(start, 4) + little(0, 2)
    return bytes
}

/// Numbers as a storage has them.
public func floats(_ values: [Float]) -> [UInt8] {
    values.flatMap { little(Int($0.bitPattern), 4) }
}

/// A file of tensors below `home`, with counters of norms beside them, whole numbers as PyTorch has them.
public func torchFile(
    _ tensors: [(path: String, tensor: Tensor<Float>)], below home: String, counters: [String]
) -> [UInt8] {
    var pickle = Pickle()
    var members: [(String, [UInt8])] = []
    pickle.put("}")
    pickle.text(home)
    pickle.name("collections", "OrderedDict")
    pickle.put(")")
    pickle.put("R")
    pickle.put("(")
    for (index, entry) in tensors.enumerated() {
        pickle.text(entry.path)
        let shape = entry.tensor.shape
        pickle.tensor(
            "\(index)", count: entry.tensor.count, shape: shape.dimensions, strides: shape.strides)
        members.append(("m/data/\(index)", floats(entry.tensor.elements)))
    }
    for (index, name) in counters.enumerated() {
        pickle.text(name)
        pickle.tensor("c\(index)", type: "LongStorage", count: 1, shape: [], strides: [])
        members.append(("m/data/c\(index)", little(1000, 8)))
    }
    pickle.put("u")
    pickle.put("s")
    pickle.put(".")
    return zipArchive([("m/data.pkl", pickle.bytes)] + members)
}
