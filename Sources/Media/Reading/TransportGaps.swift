// Where packets of a transport stream are missing inside of a picture's bytes.
import CFFmpeg
import FileNames
import Glibc

/// Reads a transport stream a second time, beside the demuxer, which says that a picture lacks packets and not where.
///
/// Each packet of a transport stream carries a counter of four bits. What follows a gap in it belongs to the same slice only
/// by chance, and decodes to nonsense. The bytes that are found here are compared with those that the demuxer hands over:
/// where they are not the same nothing is said of them.
final class TransportGaps {
    private static let size = 188
    private let file: UnsafeMutablePointer<FILE>
    private let identifier: Int
    /// How far apart packets are, which some devices put a time in front of; 0: not known yet.
    private var step = 0
    /// Bytes of the stream that no picture has taken, and where among them some are missing.
    private var bytes: [UInt8] = []
    private var taken = 0
    private var gaps: [Int] = []
    private var counter: Int?
    /// The header of the unit in work as far as it is known; nil: what follows is the stream's.
    private var header: [UInt8]?
    /// What follows is left out up to the next unit: its header is none.
    private var isSkipping = false
    private var isInStep = false

    /// - Parameter identifier: Of the stream's packets.
    init?(path: String, identifier: Int) {
        guard let file = fopen(path.fileName, "rb") else { return nil }
        self.file = file
        self.identifier = identifier
    }

    deinit { fclose(file) }

    /// Forgets where it is: after the demuxer's position has changed.
    func flush() { isInStep = false }

    /// Where bytes are missing among those of a picture: in front of which of them, ascending, or behind the last one; nil
    /// where its bytes are not found.
    ///
    /// - Parameter position: Of the packet in which its unit begins; negative where it is unknown.
    func gaps(in picture: UnsafeBufferPointer<UInt8>, at position: Int64) -> [Int]? {
        guard let start = picture.baseAddress, isInStep || begin(at: position) else { return nil }
        // One more tells whether something is missing at the end.
        while bytes.count - taken <= picture.count, readPacket() {}
        let isSame = bytes.withUnsafeBytes {
            taken + picture.count <= $0.count
                && memcmp($0.baseAddress! + taken, start, picture.count) == 0
        }
        guard isSame else {
            isInStep = false
            return nil
        }
        let missing = gaps.prefix { $0 - taken <= picture.count }
        gaps.removeFirst(missing.count)
        defer {
            taken += picture.count
            if taken > 1 << 20 {
                bytes.removeFirst(taken)
                gaps = gaps.map { $0 - taken }
                taken = 0
            }
        }
        // In front of the first byte something of the picture before is missing, which has been told.
        return missing.map { $0 - taken }.filter { $0 > 0 }
    }

    /// Goes to a packet in which a unit begins.
    private func begin(at position: Int64) -> Bool {
        guard position >= 0, fseek(file, Int(position), SEEK_SET) == 0 else { return false }
        var head = [UInt8](repeating: 0, count: 200)
        let count = fread(&head, 1, head.count, file)
        let layouts = [(size: Self.size, first: 0), (size: Self.size + 4, first: 4)]
        guard
            let layout = layouts.first(where: {
                count > $0.first + $0.size && head[$0.first] == 0x47
                    && head[$0.first + $0.size] == 0x47
            }) ?? layouts.first(where: { count == $0.size && head[$0.first] == 0x47 })
        else { return false }
        step = layout.size
        guard fseek(file, Int(position), SEEK_SET) == 0 else { return false }
        (bytes, taken, gaps, counter) = ([], 0, [], nil)
        (header, isSkipping, isInStep) = (nil, true, true)
        return true
    }

    /// Takes the payload of the next packet, if it is one of the stream's; false at the end.
    private func readPacket() -> Bool {
        var packet = [UInt8](repeating: 0, count: step)
        guard fread(&packet, 1, step, file) == step else { return false }
        let packetBytes = packet[(step - Self.size)...]
        let first = packetBytes.startIndex
        guard packet[first] == 0x47 else { return false }
        guard Int(packet[first + 1] & 0x1F) << 8 | Int(packet[first + 2]) == identifier else {
            return true
        }
        let hasFields = packet[first + 3] & 0x20 != 0, hasPayload = packet[first + 3] & 0x10 != 0
        guard hasFields || hasPayload else { return true }
        var start = first + 4
        var isAnnounced = false
        if hasFields {
            isAnnounced = packet[start] > 0 && packet[start + 1] & 0x80 != 0
            start += Int(packet[start]) + 1
        }
        let count = Int(packet[first + 3] & 15)
        if let counter, !isAnnounced, count != (hasPayload ? (counter + 1) & 15 : counter) {
            note()
        }
        counter = count
        // The receiver knows that it could not correct the packet.
        let isWrong = packet[first + 1] & 0x80 != 0
        if isWrong { note() }
        guard hasPayload, start < packet.count else { return true }
        if packet[first + 1] & 0x40 != 0 { (header, isSkipping) = ([], false) }
        take(packet[start...])
        if isWrong { note() }
        return true
    }

    private func note() {
        if gaps.last != bytes.count { gaps.append(bytes.count) }
    }

    private func take(_ payload: ArraySlice<UInt8>) {
        guard !isSkipping else { return }
        guard var header else {
            bytes += payload
            return
        }
        // Nine bytes of which the last one says how many more there are.
        let known = header.count
        header += payload
        guard header.count >= 9 else {
            self.header = header
            return
        }
        guard header[0] == 0, header[1] == 0, header[2] == 1 else {
            isSkipping = true
            return
        }
        let length = 9 + Int(header[8])
        guard header.count >= length else {
            self.header = header
            return
        }
        self.header = nil
        bytes += payload.dropFirst(length - known)
    }
}

/// What is left of a picture's bytes when those that belong to nothing are cut out.
struct TornPicture {
    /// How slices end where something is missing, so that a decoder sees that they do.
    enum Codec {
        case mpeg
        /// `isArithmetic`: whether symbols are coded arithmetically.
        case h264(isArithmetic: Bool)
    }

    /// The bytes without those between each gap and the next start code behind it, nor headers that are torn.
    ///
    /// H.264's arithmetic decoder reads zeros behind the end of a slice as any number of blocks that are as foreseen, and ones
    /// as the end of the slice.
    static func mended(_ bytes: UnsafeBufferPointer<UInt8>, gaps: [Int], _ codec: Codec) -> [UInt8]
    {
        var result: [UInt8] = []
        var from = 0
        for gap in gaps where gap >= from {
            var next = start(in: bytes, from: gap) ?? bytes.count
            if case .mpeg = codec { next = samePicture(in: bytes, from: from, gap: gap, next) }
            // In front of a start code nothing but whole units is missing.
            guard next > gap || gap == bytes.count else { continue }
            var end = gap
            var ending: [UInt8] = []
            if case .h264(let isArithmetic) = codec {
                let begin = lastStart(in: bytes, from: from, before: gap)
                let isSlice =
                    begin.map { $0 + 3 < gap && [1, 2, 5].contains(bytes[$0 + 3] & 31) }
                    ?? false
                if let begin, !isSlice { end = begin }
                if isSlice, isArithmetic { ending = [0xFF, 0xFF, 0xFF, 0xFF] }
            }
            result += bytes[from..<max(from, end)]
            result += ending
            from = next
        }
        result += bytes[min(from, bytes.count)...]
        return result
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
