// Transport streams without some of their packets: what a bad reception leaves.
import Tensors

enum TransportPackets {
    /// Bytes of a packet, and the identifier that ffmpeg gives to a file's only stream.
    private static let size = 188, video = 0x100

    /// The stream without a share of its video's packets; the first picture stays whole, since nothing begins without it.
    static func without(_ share: Double, of stream: [UInt8], seed: UInt64) -> [UInt8] {
        var random = RandomSource(seed: seed)
        var pictures = 0
        return stride(from: 0, to: stream.count, by: size).reduce(into: []) { result, start in
            let packet = stream[start..<min(start + size, stream.count)]
            let identifier = Int(packet[start + 1] & 0x1F) << 8 | Int(packet[start + 2])
            if identifier == video {
                if packet[start + 1] & 0x40 != 0 { pictures += 1 }
                if pictures > 1, random.uniform() < share { return }
            }
            result += packet
        }
    }
}
