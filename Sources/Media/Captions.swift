// Closed captions that broadcasters put inside the coded pictures (CEA-608 and 708 in user data).
import CFFmpeg

/// Carries `cc_data` from decoded frames to frames that are encoded.
enum Captions {
    /// The captions of a decoded frame; empty where it has none.
    static func read(_ frame: UnsafePointer<AVFrame>) -> [UInt8] {
        guard let found = av_frame_get_side_data(frame, AV_FRAME_DATA_A53_CC),
            let bytes = found.pointee.data
        else { return [] }
        return Array(UnsafeBufferPointer(start: bytes, count: Int(found.pointee.size)))
    }

    /// Hands captions to the encoder with the frame.
    static func attach(_ captions: [UInt8], to frame: UnsafeMutablePointer<AVFrame>) throws {
        guard !captions.isEmpty else { return }
        let record = av_frame_new_side_data(frame, AV_FRAME_DATA_A53_CC, captions.count)
        guard let record, let bytes = record.pointee.data else {
            throw MediaError.library(operation: "allocate captions", reason: "out of memory")
        }
        bytes.update(from: captions, count: captions.count)
    }

    /// Whether the opened encoder writes them (x264 always did, x265 since FFmpeg 7.1).
    static func areWritten(by context: UnsafeMutablePointer<AVCodecContext>) -> Bool {
        guard let own = context.pointee.priv_data else { return false }
        return av_opt_find(own, "a53cc", nil, 0, 0) != nil
    }
}
