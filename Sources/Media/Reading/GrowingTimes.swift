// Whether the times of a stream only ever grow, as a search among them takes for granted.
import CFFmpeg

extension MediaSource {
    /// Whether times of stream `index` grow from place to place of a file that can be read by bytes.
    ///
    /// Recordings that were joined, or clocks that wrapped around, jump back: a search by time would
    /// then end anywhere. Sixteen places are looked at; afterwards the demuxer stands at the last.
    func timesGrow(of index: Int) -> Bool {
        guard info.byteCount > 0, let packet = av_packet_alloc() else { return false }
        defer {
            var packet: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&packet)
        }
        var last = Int64.min
        let places = 16
        for place in 0..<places {
            let position = info.byteCount * Int64(place) / Int64(places)
            guard av_seek_frame(context, -1, position, AVSEEK_FLAG_BYTE) >= 0 else { return false }
            guard let time = nextTime(of: index, packet) else { break }
            guard time >= last else { return false }
            last = time
        }
        return true
    }

    /// Decoding time of the next packet of stream `index` that has one; nil before the end of the file.
    private func nextTime(of index: Int, _ packet: UnsafeMutablePointer<AVPacket>) -> Int64? {
        while av_read_frame(context, packet) >= 0 {
            defer { av_packet_unref(packet) }
            let time = packet.pointee.dts
            if Int(packet.pointee.stream_index) == index, time != percept_no_timestamp {
                return time
            }
        }
        return nil
    }
}
