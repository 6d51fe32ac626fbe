// One plane of samples in reference-counted memory, as a decoder or one of our stages gave it.

/// Memory that planes share; it is freed, or handed back to its owner, with the last reference.
public final class PlaneMemory: @unchecked Sendable {
    let base: UnsafeMutableRawPointer
    private let release: @Sendable () -> Void

    /// Allocates `byteCount` bytes, 64-byte aligned, uninitialised.
    init(byteCount: Int) {
        let base = UnsafeMutableRawPointer.allocate(byteCount: max(byteCount, 64), alignment: 64)
        self.base = base
        let address = UInt(bitPattern: base)
        release = { UnsafeMutableRawPointer(bitPattern: address)?.deallocate() }
    }

    /// Wraps memory of another owner; `release` runs when the last reference is gone.
    init(borrowing base: UnsafeMutableRawPointer, release: @escaping @Sendable () -> Void) {
        self.base = base
        self.release = release
    }

    deinit { release() }
}

/// A rectangle of samples: one byte each up to 8 bits, two bytes (little endian) above.
public struct Plane: Sendable {
    /// Size in samples.
    public let width: Int, height: Int
    /// Distance between rows.
    public let bytesPerRow: Int
    /// 1 for depths up to 8 bits, else 2.
    public let bytesPerSample: Int
    let memory: PlaneMemory
    let offset: Int

    /// Makes a plane of uninitialised samples whose rows start at multiples of 64 bytes.
    public init(width: Int, height: Int, bytesPerSample: Int) {
        precondition(width > 0 && height > 0, "a plane has no size \(width)x\(height)")
        precondition(bytesPerSample == 1 || bytesPerSample == 2)
        self.width = width
        self.height = height
        self.bytesPerSample = bytesPerSample
        bytesPerRow = (width * bytesPerSample + 63) / 64 * 64
        memory = PlaneMemory(byteCount: bytesPerRow * height)
        offset = 0
    }

    init(
        width: Int, height: Int, bytesPerRow: Int, bytesPerSample: Int, memory: PlaneMemory,
        offset: Int
    ) {
        self.width = width
        self.height = height
        self.bytesPerRow = bytesPerRow
        self.bytesPerSample = bytesPerSample
        self.memory = memory
        self.offset = offset
    }

    /// Calls `body` with the first byte of the first row; rows are `bytesPerRow` apart.
    public func withUnsafeBytes<Result>(
        _ body: (UnsafeRawPointer) throws -> Result
    ) rethrows -> Result {
        try withExtendedLifetime(memory) { try body(UnsafeRawPointer(memory.base + offset)) }
    }

    /// Calls `body` with writable samples. Only for planes that nobody else holds yet.
    public func withUnsafeMutableBytes<Result>(
        _ body: (UnsafeMutableRawPointer) throws -> Result
    ) rethrows -> Result {
        try withExtendedLifetime(memory) { try body(memory.base + offset) }
    }

    /// The sample at (`x`, `y`): readable and slow; for tests and small work.
    public subscript(x: Int, y: Int) -> Int {
        precondition(x >= 0 && x < width && y >= 0 && y < height, "(\(x), \(y)) is outside")
        return withUnsafeBytes { base in
            let row = base + y * bytesPerRow
            return bytesPerSample == 1
                ? Int(row.load(fromByteOffset: x, as: UInt8.self))
                : Int(UInt16(littleEndian: row.load(fromByteOffset: 2 * x, as: UInt16.self)))
        }
    }
}
