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

extension Plane {
    /// The sample at a position between samples, bilinear, edges repeated; exact on a sample.
    package func sample(x: Float, y: Float) -> Float {
        let px = min(max(x, 0), Float(width - 1)), py = min(max(y, 0), Float(height - 1))
        let (x0, y0) = (Int(px), Int(py))
        let (fx, fy) = (px - Float(x0), py - Float(y0))
        return withUnsafeBytes { base in
            func value(_ x: Int, _ y: Int) -> Float {
                let row = base + y * bytesPerRow
                return bytesPerSample == 1
                    ? Float(row.load(fromByteOffset: x, as: UInt8.self))
                    : Float(row.load(fromByteOffset: 2 * x, as: UInt16.self))
            }
            let a = value(x0, y0)
            guard fx > 0 || fy > 0 else { return a }
            let (x1, y1) = (min(x0 + 1, width - 1), min(y0 + 1, height - 1))
            let top = a + (value(x1, y0) - a) * fx
            let c = value(x0, y1)
            let bottom = c + (value(x1, y1) - c) * fx
            return top + (bottom - top) * fy
        }
    }

    /// Writes one sample of a plane that nobody else holds yet.
    package func store(_ value: Int, _ x: Int, _ y: Int) {
        withUnsafeMutableBytes { base in
            let row = base + y * bytesPerRow
            if bytesPerSample == 1 {
                row.storeBytes(of: UInt8(value), toByteOffset: x, as: UInt8.self)
            } else {
                row.storeBytes(of: UInt16(value).littleEndian, toByteOffset: 2 * x, as: UInt16.self)
            }
        }
    }
}
