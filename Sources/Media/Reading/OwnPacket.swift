// A packet that belongs to whoever holds it.
import CFFmpeg

/// A packet of our own, freed with its last owner.
final class OwnPacket {
    let pointer: UnsafeMutablePointer<AVPacket>

    /// The same bytes and times as another one.
    init?(copyOf other: UnsafePointer<AVPacket>) {
        guard let copy = av_packet_clone(other) else { return nil }
        pointer = copy
    }

    /// Bytes of our own, with the times of another packet.
    init?(_ bytes: [UInt8], like other: UnsafePointer<AVPacket>? = nil) {
        guard let packet = av_packet_alloc() else { return nil }
        pointer = packet
        guard av_new_packet(packet, Int32(bytes.count)) >= 0 else { return nil }
        packet.pointee.data.update(from: bytes, count: bytes.count)
        guard let other else { return }
        guard av_packet_copy_props(packet, other) >= 0 else { return nil }
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = pointer
        av_packet_free(&packet)
    }
}
