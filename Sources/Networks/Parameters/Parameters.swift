// The values of a network's parameters, by path, in a fixed order.
import Tensors

/// Tensors by path, in the order of declaration: weights, their gradients, or an optimiser's
/// moments.
public struct Parameters: Sendable, Equatable {
    /// The paths in order.
    public private(set) var paths: [String] = []
    private var tensors: [Tensor<Float>] = []
    private var positions: [String: Int] = [:]

    /// Nothing.
    public init() {}

    /// The given tensors in order; no path twice.
    public init(_ pairs: [(path: String, tensor: Tensor<Float>)]) {
        for (path, tensor) in pairs { append(tensor, at: path) }
    }

    /// First values for everything that `module` declares.
    public init(initialising module: some Module, using random: inout RandomSource) {
        for declaration in module.declarations {
            append(
                declaration.initialiser.tensor(declaration.shape, using: &random),
                at: declaration.path)
        }
    }

    /// Zeros in the shapes of `other`.
    public init(zerosLike other: Parameters) {
        for (path, tensor) in other { append(Tensor(shape: tensor.shape), at: path) }
    }

    /// Number of tensors.
    public var count: Int { paths.count }
    /// Number of values in all tensors.
    public var elementCount: Int { tensors.reduce(0) { $0 + $1.count } }

    /// Appends a tensor under a new path.
    public mutating func append(_ tensor: Tensor<Float>, at path: String) {
        let previous = positions.updateValue(paths.count, forKey: path)
        precondition(previous == nil, "parameter '\(path)' is declared twice")
        paths.append(path)
        tensors.append(tensor)
    }

    /// The position of `path` in the order, or nil.
    public func position(of path: String) -> Int? { positions[path] }

    /// The tensor at `path`, or nil; a new value keeps the shape.
    public subscript(path: String) -> Tensor<Float>? { positions[path].map { tensors[$0] } }

    /// The tensor at a position of the order; a new value keeps the shape.
    public subscript(position: Int) -> Tensor<Float> {
        get { tensors[position] }
        set {
            precondition(
                newValue.shape == tensors[position].shape,
                "'\(paths[position])' is \(tensors[position].shape), not \(newValue.shape)")
            tensors[position] = newValue
        }
    }

    /// Calls `body` with the writable elements of the tensor at `position`.
    public mutating func withElements<Result>(
        at position: Int, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        try tensors[position].withUnsafeMutableBufferPointer(body)
    }

    /// The tensors by path, as evaluation and plans take them.
    public var values: [String: Tensor<Float>] { positions.mapValues { tensors[$0] } }

    /// Bit for bit the same, so that NaN equals itself and 0 is not -0.
    public func isIdentical(to other: Parameters) -> Bool {
        guard paths == other.paths else { return false }
        return zip(tensors, other.tensors).allSatisfy { a, b in
            a.shape == b.shape
                && a.withUnsafeBufferPointer { a in
                    b.withUnsafeBufferPointer { b in
                        UnsafeRawBufferPointer(a).elementsEqual(UnsafeRawBufferPointer(b))
                    }
                }
        }
    }

    /// Same paths in the same order with equal tensors.
    public static func == (a: Parameters, b: Parameters) -> Bool {
        a.paths == b.paths && a.tensors == b.tensors
    }
}

extension Parameters: Sequence {
    /// Path and tensor, in order.
    public func makeIterator() -> some IteratorProtocol<(path: String, tensor: Tensor<Float>)> {
        zip(paths, tensors).lazy.map { (path: $0, tensor: $1) }.makeIterator()
    }
}

extension Parameters {
    /// Reads the parameters of `module` from an open weights file.
    ///
    /// - Parameter prefix: What stands before each path in the file, as in "ema.".
    /// - Parameter ignored: Tensors whose names begin so may stand beside the module's own.
    /// - Parameter allowingOthers: Whether the file may hold more than this module's tensors.
    /// - Throws: `SafetensorsError` naming the first tensor that is missing, has another shape, or
    ///   is not part of the module.
    public init(
        reading file: Safetensors, for module: some Module, prefix: String = "",
        ignoring ignored: [String] = [],
        allowingOthers: Bool = false
    ) throws(SafetensorsError) {
        let declarations = module.declarations
        for declaration in declarations {
            let name = prefix + declaration.path
            guard let entry = file.entry(name) else { throw file.error(.missingTensor(name)) }
            guard entry.shape == declaration.shape.dimensions else {
                throw file.error(
                    .wrongShape(
                        tensor: name, expected: declaration.shape.dimensions, found: entry.shape))
            }
        }
        if !allowingOthers {
            let known = Set(declarations.map { prefix + $0.path })
            if let other = file.entries.first(where: { entry in
                !known.contains(entry.name) && !ignored.contains(where: entry.name.hasPrefix)
            }) {
                throw file.error(.unexpectedTensor(other.name))
            }
        }
        for declaration in declarations {
            append(try file.tensor(prefix + declaration.path), at: declaration.path)
        }
    }

    /// Reads the parameters of `module` from the file at `path`; see `init(reading:for:)`.
    ///
    /// - Throws: `SafetensorsError`.
    public init(contentsOf path: String, for module: some Module) throws(SafetensorsError) {
        try self.init(reading: Safetensors(contentsOf: path), for: module)
    }

    /// Writes all tensors to a weights file, replacing it at once or not at all.
    ///
    /// - Throws: `FileWriteError`.
    public func write(to path: String, metadata: [String: String] = [:]) throws(FileWriteError) {
        try Safetensors.write(
            map { (name: $0.path, tensor: $0.tensor) }, metadata: metadata, to: path)
    }
}
