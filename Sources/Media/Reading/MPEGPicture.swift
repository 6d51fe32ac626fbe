// The place of an MPEG-1 or 2 picture among others, from its header.
import CFFmpeg

/// What the header of an MPEG-1 or 2 picture says of its place.
struct MPEGPicture {
    /// Of ten bits, in the order of display.
    let place: Int
    /// Whether it is predicted from pictures on both sides, and none from it.
    let isBetween: Bool
    /// Whether an extension says that it is a whole frame of one moment.
    let isProgressive: Bool

    /// The first header of a packet; nil where there is none, or another codec's.
    init?(_ packet: UnsafeMutablePointer<AVPacket>, _ codec: AVCodecID) {
        guard codec == AV_CODEC_ID_MPEG2VIDEO || codec == AV_CODEC_ID_MPEG1VIDEO,
            let data = packet.pointee.data, packet.pointee.size >= 6
        else { return nil }
        let bytes = UnsafeBufferPointer(start: data, count: Int(packet.pointee.size))
        let first = (0...(bytes.count - 6)).first {
            bytes[$0] == 0 && bytes[$0 + 1] == 0 && bytes[$0 + 2] == 1 && bytes[$0 + 3] == 0
        }
        guard let first else { return nil }
        place = Int(bytes[first + 4]) << 2 | Int(bytes[first + 5] >> 6)
        isBetween = bytes[first + 5] >> 3 & 7 == 3
        let extended = bytes.indices.dropFirst(first + 6).first {
            $0 + 8 < bytes.count && bytes[$0] == 0 && bytes[$0 + 1] == 0 && bytes[$0 + 2] == 1
                && bytes[$0 + 3] == 0xB5 && bytes[$0 + 4] >> 4 == 8
        }
        // Both fields in one picture, and both of one time.
        isProgressive =
            extended.map { bytes[$0 + 6] & 3 == 3 && bytes[$0 + 8] & 0x80 != 0 } ?? false
    }

    /// Whether it is displayed after another one.
    func isBehind(_ other: Int) -> Bool { (1..<512).contains((place - other) & 1023) }
}
