// The packets of a part of a video, by the numbers of their frames.
import CFFmpeg

/// Reads the packets of a segment.
final class SegmentReader {
    let source: MediaSource
    let stream: UnsafeMutablePointer<AVStream>

    init(path: String) throws {
        source = try MediaSource(path: path)
        guard let video = source.info.video else {
            throw MediaError.notVideo(path: path, reason: "no video stream")
        }
        stream = source.context.pointee.streams[video.index]!
    }

    /// The next packet, in the order of decoding, and its frame's number; nil after the last one.
    func next(_ packet: UnsafeMutablePointer<AVPacket>) throws -> Int? {
        let code = av_read_frame(source.context, packet)
        guard code >= 0 else {
            guard code == percept_averror_eof else { throw damage(errorText(code)) }
            return nil
        }
        let milliseconds = AVRational(num: 1, den: 1000)
        // Codecs that reorder nothing may be stored with times of decoding alone.
        let time =
            packet.pointee.pts == percept_no_timestamp ? packet.pointee.dts : packet.pointee.pts
        return Int(av_rescale_q(time, stream.pointee.time_base, milliseconds))
    }

    /// What is wrong with the segment, as an error.
    func damage(_ reason: String) -> MediaError {
        .notVideo(path: source.path, reason: "a segment that cannot be joined: " + reason)
    }
}
