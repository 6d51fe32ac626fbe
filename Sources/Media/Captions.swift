// Closed captions that broadcasters put inside the coded pictures (CEA-608 and 708 in user data).
import CFFmpeg

/// Carries `cc_data` from decoded frames to frames that are encoded.
package enum Captions {
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

    /// What is said where they are lost.
    package static func loss(to what: String, advice: String) -> String {
        "closed captions are left out: \(what) cannot carry them (\(advice))"
    }
}

extension Encoder {
    /// Whether it writes closed captions (x264 always did, x265 since FFmpeg 7.1).
    package var writesCaptions: Bool {
        guard var own = avcodec_find_encoder_by_name(rawValue)?.pointee.priv_class else {
            return false
        }
        return withUnsafeMutablePointer(to: &own) {
            av_opt_find($0, "a53cc", nil, 0, AV_OPT_SEARCH_FAKE_OBJ) != nil
        }
    }
}
