// SHA-256, by which reports name the exact weights that were used.

/// The SHA-256 digest of bytes.
///
/// - SeeAlso: FIPS 180-4, section 6.2.
public struct SHA256: Sendable, Equatable {
    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab,
        0x5be0_cd19,
    ]

    /// The digest of `bytes`.
    public init(of bytes: UnsafeRawBufferPointer) {
        var schedule = [UInt32](repeating: 0, count: 64)
        let whole = bytes.count / 64 * 64
        for start in stride(from: 0, to: whole, by: 64) {
            compress(UnsafeRawBufferPointer(rebasing: bytes[start..<start + 64]), &schedule)
        }
        // A one bit, zeros, and the length in bits fill up the last one or two blocks.
        var tail = Array(bytes[whole...]) + [0x80]
        tail += [UInt8](repeating: 0, count: (120 - tail.count) % 64)
        tail += (0..<8).reversed().map {
            UInt8(truncatingIfNeeded: (UInt64(bytes.count) << 3) >> (8 * $0))
        }
        tail.withUnsafeBytes { tail in
            for start in stride(from: 0, to: tail.count, by: 64) {
                compress(UnsafeRawBufferPointer(rebasing: tail[start..<start + 64]), &schedule)
            }
        }
    }

    /// The digest of the file at `path`.
    ///
    /// - Throws: `SafetensorsError` where the file cannot be read.
    public init(ofFile path: String) throws(SafetensorsError) {
        let file = try MappedFile(path)
        self.init(of: file.bytes)
    }

    /// The digest as 64 hexadecimal digits.
    public var hexadecimal: String {
        state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private mutating func compress(_ block: UnsafeRawBufferPointer, _ w: inout [UInt32]) {
        func rotate(_ x: UInt32, _ k: UInt32) -> UInt32 { x >> k | x << (32 - k) }
        for t in 0..<16 {
            w[t] = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: 4 * t, as: UInt32.self))
        }
        for t in 16..<64 {
            let s0 = rotate(w[t - 15], 7) ^ rotate(w[t - 15], 18) ^ w[t - 15] >> 3
            let s1 = rotate(w[t - 2], 17) ^ rotate(w[t - 2], 19) ^ w[t - 2] >> 10
            w[t] = w[t - 16] &+ s0 &+ w[t - 7] &+ s1
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for t in 0..<64 {
            let s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
            let choice = (e & f) ^ (~e & g)
            let first = h &+ s1 &+ choice &+ Self.constants[t] &+ w[t]
            let s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
            let majority = (a & b) ^ (a & c) ^ (b & c)
            (h, g, f, e) = (g, f, e, d &+ first)
            (d, c, b, a) = (c, b, a, first &+ s0 &+ majority)
        }
        for (i, value) in [a, b, c, d, e, f, g, h].enumerated() { state[i] &+= value }
    }

    /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = {
        var primes: [UInt32] = []
        var candidate: UInt32 = 2
        while primes.count < 64 {
            if !primes.contains(where: { candidate % $0 == 0 }) { primes.append(candidate) }
            candidate += 1
        }
        return primes.map { prime in
            // floor(cbrt(p) * 2^32), exactly: the largest r with r^3 <= p * 2^96.
            var low: UInt64 = 0
            var high: UInt64 = 1 << 35
            while high - low > 1 {
                let middle = low + (high - low) / 2
                if cube(middle, isAtMost: prime) { low = middle } else { high = middle }
            }
            return UInt32(truncatingIfNeeded: low)
        }
    }()

    private static func cube(_ r: UInt64, isAtMost prime: UInt32) -> Bool {
        let square = r.multipliedFullWidth(by: r)
        let low = square.low.multipliedFullWidth(by: r)
        let high = square.high.multipliedFullWidth(by: r)
        let (middle, carry) = low.high.addingReportingOverflow(high.low)
        let top = high.high + (carry ? 1 : 0)
        // p * 2^96 has the words [top: p >> 32 = 0, middle: p << 32, low: 0].
        return top == 0 && (middle, low.low) <= (UInt64(prime) << 32, 0)
    }
}
