// Bits that are written one after the other.

/// Bits in bytes, the highest of a byte first; the last byte is filled with zeros.
struct BitString {
    private(set) var bytes: [UInt8] = []
    private var count = 0

    /// Appends the lowest `length` bits of a value, the highest first.
    mutating func put(_ value: Int, _ length: Int) {
        for place in (0..<length).reversed() {
            if count % 8 == 0 { bytes.append(0) }
            if value >> place & 1 == 1 { bytes[count / 8] |= 0x80 >> (count % 8) }
            count += 1
        }
    }
}
