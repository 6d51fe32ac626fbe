// The wire format of Protocol Buffers, as much of it as writing needs.

/// Bytes of a Protocol Buffers message under construction.
///
/// - SeeAlso: https://protobuf.dev/programming-guides/encoding/
struct ProtobufWriter {
    private(set) var bytes: [UInt8] = []

    /// A whole number; negative ones take ten bytes, as the format wants.
    mutating func integer(_ field: Int, _ value: Int) {
        tag(field, wire: 0)
        varint(UInt64(bitPattern: Int64(value)))
    }

    /// A 32-bit floating-point number.
    mutating func float(_ field: Int, _ value: Float) {
        tag(field, wire: 5)
        for shift in stride(from: 0, to: 32, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(shift)))
        }
    }

    /// Text in UTF-8.
    mutating func string(_ field: Int, _ value: String) { data(field, Array(value.utf8)) }

    /// Bytes.
    mutating func data(_ field: Int, _ value: some Collection<UInt8>) {
        tag(field, wire: 2)
        varint(UInt64(value.count))
        bytes += value
    }

    /// A message within the message.
    mutating func message(_ field: Int, _ body: (inout ProtobufWriter) -> Void) {
        var inner = ProtobufWriter()
        body(&inner)
        data(field, inner.bytes)
    }

    private mutating func tag(_ field: Int, wire: Int) { varint(UInt64(field << 3 | wire)) }

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
