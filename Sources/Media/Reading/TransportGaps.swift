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

    /// How packets lie in the file.
    private enum Layout: CaseIterable {
        case plain, timed, checked

        var step: Int { TransportGaps.size + (self == .timed ? 4 : self == .checked ? 16 : 0) }
        /// Bytes between the place that the demuxer tells and the packet: the time, or the check bytes of the packet before.
        var lead: Int { step - TransportGaps.size }
    }

    private let file: UnsafeMutablePointer<FILE>
    private let identifier: Int
    /// How far apart packets are: some devices put a time in front of them, some leave check bytes behind them.
    private var layout = Layout.plain
    /// Bytes of the stream that no picture has taken, and where among them some are missing.
    private var bytes: [UInt8] = []
    private var taken = 0
    private var gaps: [Int] = []
    /// Gaps that were come across so far.
    private(set) var count = 0
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
        var head = [UInt8](repeating: 0, count: 3 * 204)
        head.removeLast(head.count - fread(&head, 1, head.count, file))
        // One head alone may be there by chance; in front of the file's end there is no other.
        let layout = Layout.allCases.first { layout in
            let places = Array(stride(from: layout.lead, to: head.count, by: layout.step))
            let isLast = places.count == 1 && head.count <= layout.lead + layout.step
            return places.allSatisfy { head[$0] == 0x47 } && (places.count > 1 || isLast)
        }
        guard let layout else { return false }
        self.layout = layout
        guard fseek(file, Int(position), SEEK_SET) == 0 else { return false }
        (bytes, taken, gaps, counter) = ([], 0, [], nil)
        (header, isSkipping, isInStep) = (nil, true, true)
        return true
    }

    /// Takes the payload of the next packet, if it is one of the stream's; false at the end.
    private func readPacket() -> Bool {
        var packet = [UInt8](repeating: 0, count: layout.step)
        guard fread(&packet, 1, packet.count, file) == packet.count else { return false }
        let packetBytes = packet[layout.lead..<layout.lead + Self.size]
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
        guard hasPayload, start < packetBytes.endIndex else { return true }
        if packet[first + 1] & 0x40 != 0 { (header, isSkipping) = ([], false) }
        take(packetBytes[start...])
        if isWrong { note() }
        return true
    }

    private func note() {
        count += 1
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
