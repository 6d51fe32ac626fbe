// n-dimensional values in contiguous, 64-byte aligned memory; a value type that copies on write.
#if canImport(Glibc)
import Glibc
#endif

/// n-dimensional values in contiguous, 64-byte aligned memory, outermost axis first.
public struct Tensor<Scalar: TensorScalar>: @unchecked Sendable {
    /// Extents, outermost first.
    public private(set) var shape: Shape
    @usableFromInline var storage: Storage

    @usableFromInline final class Storage {
        @usableFromInline let base: UnsafeMutablePointer<Scalar>
        @usableFromInline let count: Int

        @usableFromInline init(count: Int) {
            self.count = count
            let bytes = max(count, 1) * MemoryLayout<Scalar>.stride
            let memory = allocate(bytes)
            base = memory.bindMemory(to: Scalar.self, capacity: max(count, 1))
        }

        deinit { UnsafeMutableRawPointer(base).deallocate() }
    }

    private init(uninitialised shape: Shape) {
        self.shape = shape
        storage = Storage(count: shape.count)
    }

    /// A tensor of `value` everywhere.
    public init(repeating value: Scalar = 0, shape: Shape) {
        self.init(uninitialised: shape)
        storage.base.initialize(repeating: value, count: shape.count)
    }

    /// A tensor of the given elements in row-major order.
    public init(_ elements: [Scalar], shape: Shape) {
        precondition(elements.count == shape.count, "\(elements.count) elements for \(shape)")
        self.init(uninitialised: shape)
        elements.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            storage.base.initialize(from: base, count: shape.count)
        }
    }

    /// A scalar: rank 0, one element.
    public init(_ value: Scalar) { self.init(repeating: value, shape: []) }

    /// A tensor whose elements `body` writes, all of them.
    public init(
        shape: Shape, initialisingWith body: (UnsafeMutableBufferPointer<Scalar>) throws -> Void
    ) rethrows {
        self.init(uninitialised: shape)
        try body(UnsafeMutableBufferPointer(start: storage.base, count: shape.count))
    }

    /// Number of elements.
    public var count: Int { shape.count }

    /// The elements in row-major order.
    public var elements: [Scalar] {
        withUnsafeBufferPointer { Array($0) }
    }

    /// Calls `body` with the elements in row-major order.
    @inlinable public func withUnsafeBufferPointer<Result>(
        _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
    ) rethrows -> Result {
        try withExtendedLifetime(storage) {
            try body(UnsafeBufferPointer(start: storage.base, count: storage.count))
        }
    }

    /// Calls `body` with writable elements; copies them first where they are shared.
    @inlinable public mutating func withUnsafeMutableBufferPointer<Result>(
        _ body: (UnsafeMutableBufferPointer<Scalar>) throws -> Result
    ) rethrows -> Result {
        makeUnique()
        return try withExtendedLifetime(storage) {
            try body(UnsafeMutableBufferPointer(start: storage.base, count: storage.count))
        }
    }

    @usableFromInline mutating func makeUnique() {
        guard !isKnownUniquelyReferenced(&storage) else { return }
        let copy = Storage(count: storage.count)
        copy.base.initialize(from: storage.base, count: storage.count)
        storage = copy
    }

    /// The element at the given position, one index per axis.
    public subscript(position: Int...) -> Scalar {
        get { withUnsafeBufferPointer { $0[offset(of: position)] } }
        set {
            let index = offset(of: position)
            withUnsafeMutableBufferPointer { $0[index] = newValue }
        }
    }

    private func offset(of position: [Int]) -> Int {
        precondition(position.count == shape.rank, "\(position) does not index \(shape)")
        var offset = 0
        for (index, extent) in zip(position, shape.dimensions) {
            precondition(index >= 0 && index < extent, "\(position) is outside \(shape)")
            offset = offset * extent + index
        }
        return offset
    }

    /// The same elements under another shape of equal count.
    public func reshaped(to shape: Shape) -> Tensor {
        precondition(shape.count == count, "\(self.shape) does not reshape to \(shape)")
        var result = self
        result.shape = shape
        return result
    }

    /// The single element of a tensor that holds one.
    public var item: Scalar {
        precondition(count == 1, "\(shape) holds \(count) elements, not one")
        return withUnsafeBufferPointer { $0[0] }
    }

    /// `transform` of each element.
    @inlinable public func map(_ transform: (Scalar) -> Scalar) -> Tensor {
        Tensor(shape: shape) { result in
            withUnsafeBufferPointer { source in
                for index in 0..<source.count { result[index] = transform(source[index]) }
            }
        }
    }

    /// The elements converted to another scalar type.
    @inlinable public func converted<Other: TensorScalar>(to type: Other.Type) -> Tensor<Other> {
        Tensor<Other>(shape: shape) { result in
            withUnsafeBufferPointer { source in
                for index in 0..<source.count { result[index] = Other(source[index]) }
            }
        }
    }
}

extension Tensor: Equatable {
    /// Same shape and equal elements.
    public static func == (a: Tensor, b: Tensor) -> Bool {
        a.shape == b.shape
            && a.withUnsafeBufferPointer { x in
                b.withUnsafeBufferPointer { y in x.elementsEqual(y) }
            }
    }
}

/// Memory for so many bytes. A search through hundreds of megabytes reads them a quarter faster in large pages, which the
/// system gives to those who ask.
@usableFromInline func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
    let page = 2 << 20
    guard bytes >= 8 * page else {
        return UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: page)
    #if canImport(Glibc)
    madvise(memory, bytes / page * page, MADV_HUGEPAGE)
    #endif
    return memory
}
