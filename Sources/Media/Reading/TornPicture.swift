// What is left of a picture of which bytes are missing.

/// What is left of a picture's bytes when those that belong to nothing are cut out.
struct TornPicture {
    enum Codec {
        case mpeg, h264
    }

    let bytes: [UInt8]
    /// Behind which of them slices are torn.
    let ends: [Int]

    /// The bytes without those between each gap and the next start code behind it, nor headers that are torn.
    init(_ bytes: UnsafeBufferPointer<UInt8>, gaps: [Int], _ codec: Codec) {
        var result: [UInt8] = []
        var ends: [Int] = []
        var from = 0
        for gap in gaps where gap >= from {
            var next = Self.start(in: bytes, from: gap) ?? bytes.count
            if codec == .mpeg { next = Self.samePicture(in: bytes, from: from, gap: gap, next) }
            // In front of a start code nothing but whole units is missing.
            guard next > gap || gap == bytes.count else { continue }
            var end = gap
            if codec == .h264, let begin = Self.lastStart(in: bytes, from: from, before: gap),
                begin + 3 >= gap || ![1, 2, 5].contains(bytes[begin + 3] & 31)
            {
                end = begin
            }
            result += bytes[from..<max(from, end)]
            if end == gap { ends.append(result.count) }
            from = next
        }
        result += bytes[min(from, bytes.count)...]
        (self.bytes, self.ends) = (result, ends)
    }

    /// H.264 slices that are coded arithmetically, so that decoders see which of them are torn.
    ///
    /// A decoder that is told that slices may be cut off ends them as soon as it reads behind their last byte, and filters what it
    /// has decoded. It reads ahead, though, and would lose the last blocks of whole slices: those get some more bytes here, which
    /// nothing is decoded from.
    ///
    /// - Parameters:
    ///   - ends: Behind which bytes slices are torn.
    ///   - less: How many bytes are left out in front of them.
    static func showingEnds(
        _ bytes: UnsafeBufferPointer<UInt8>, _ ends: [Int], less: Int = 0
    ) -> [UInt8] {
        var result: [UInt8] = []
        var place = 0
        while let begin = start(in: bytes, from: place) {
            result += bytes[place..<begin]
            let next = start(in: bytes, from: begin + 3) ?? bytes.count
            place = next
            result += bytes[begin..<next]
            guard begin + 3 < next, [1, 5].contains(bytes[begin + 3] & 31) else { continue }
            guard !ends.contains(where: { begin < $0 && $0 <= next }) else {
                result.removeLast(min(less, next - begin - 4))
                continue
            }
            // Zeros behind a unit are none of its bytes.
            let zeros = bytes[begin..<next].reversed().prefix { $0 == 0 }.count
            result.removeLast(zeros)
            result += [0x80, 0x80, 0x80, 0x80]
            result += repeatElement(0, count: zeros)
        }
        return result + bytes[place...]
    }

    /// Where the picture before a gap goes on behind it: slices of MPEG say which row of blocks they begin in, and where one
    /// is further up the header of another picture is missing, and they belong to that.
    private static func samePicture(
        in bytes: UnsafeBufferPointer<UInt8>, from first: Int, gap: Int, _ next: Int
    ) -> Int {
        var rows: [Int] = []
        var place = first
        while let begin = start(in: bytes, from: place), begin + 3 < gap {
            if let row = row(at: begin, bytes) { rows.append(row) } else { rows = [] }
            place = begin + 3
        }
        guard let last = rows.last, let row = row(at: next, bytes) else { return next }
        // Rows may have several slices, if some had before.
        let isRepeated = zip(rows, rows.dropFirst()).contains { $0 == $1 }
        guard row < last || row == last && !isRepeated else { return next }
        place = next + 3
        while let begin = start(in: bytes, from: place) {
            if self.row(at: begin, bytes) == nil { return begin }
            place = begin + 3
        }
        return bytes.count
    }

    /// The row of blocks of the slice at a start code; nil where that begins something else.
    private static func row(at place: Int, _ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard place + 3 < bytes.count, (1...0xAF).contains(bytes[place + 3]) else { return nil }
        return Int(bytes[place + 3])
    }

    /// The first start code from a place on.
    private static func start(in bytes: UnsafeBufferPointer<UInt8>, from place: Int) -> Int? {
        guard bytes.count >= 3, place <= bytes.count - 3 else { return nil }
        return (place...(bytes.count - 3)).first {
            bytes[$0] == 0 && bytes[$0 + 1] == 0 && bytes[$0 + 2] == 1
        }
    }

    /// The last start code that begins between two places.
    private static func lastStart(
        in bytes: UnsafeBufferPointer<UInt8>, from first: Int, before place: Int
    ) -> Int? {
        guard place - 3 >= first else { return nil }
        return (first...(place - 3)).last {
            bytes[$0] == 0 && bytes[$0 + 1] == 0 && bytes[$0 + 2] == 1
        }
    }

    /// Whether the pictures of an H.264 stream are coded arithmetically, as the parameters say that these bytes have; nil
    /// where there are none.
    static func isArithmetic(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool? {
        var place = 0
        while let begin = start(in: bytes, from: place) {
            place = begin + 3
            guard place < bytes.count, bytes[place] & 31 == 8 else { continue }
            // Two Golomb codes, and then the bit. They are so short that nothing is escaped.
            var bit = 8 * (place + 1)
            func next() -> Int? {
                guard bit / 8 < bytes.count else { return nil }
                defer { bit += 1 }
                return Int(bytes[bit / 8] >> (7 - UInt8(bit % 8)) & 1)
            }
            for _ in 0..<2 {
                var zeros = 0
                while next() == 0, zeros < 16 { zeros += 1 }
                bit += zeros
            }
            return next().map { $0 == 1 }
        }
        return nil
    }
}
