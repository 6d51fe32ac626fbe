// Encoding for the size alone: nothing is written.
import CFFmpeg

/// Encodes frames as ``VideoWriter`` would, and counts the bytes of each.
package final class EncodingTrial {
    private let coder: VideoEncoder
    private let video: VideoDescription
    private let packet: UnsafeMutablePointer<AVPacket>
    private var sizes: [Int64: Int] = [:]
    private var next: Int64 = 0

    /// A trial at constant quality `crf` of frames that will go to `path`.
    ///
    /// - Throws: ``OutputError`` or ``MediaError``.
    package init(
        path: String, video: VideoDescription, settings: EncoderSettings, crf: Double
    ) throws {
        guard let container = Container(path: path) else {
            throw OutputError.unknownContainer(path: path, known: ".mp4, .mov, .mkv or .webm")
        }
        self.video = video
        coder = try VideoEncoder(
            try VideoWriter.check(path: path, video: video, settings: settings), video: video,
            settings: settings, rate: RateControl(crf: crf), container: container, path: path)
        packet = try allocated(av_packet_alloc())
    }

    /// Encodes the next frame; times are nominal.
    package func write(_ frame: Frame) throws {
        let rate = video.frameRate ?? Rational(25, 1)
        let duration = max(
            1,
            av_rescale_q(
                1, AVRational(num: rate.denominator, den: rate.numerator),
                video.timeBase.avRational))
        try coder.send(frame, timestamp: next * duration, duration: duration)
        next += 1
        try drain()
    }

    /// Encodes what still waits; returns the bytes of each frame, in order of presentation.
    package func finish() throws -> [Int] {
        try coder.flush()
        try drain()
        return sizes.sorted { $0.key < $1.key }.map(\.value)
    }

    private func drain() throws {
        while try coder.receive(packet) {
            sizes[packet.pointee.pts] = Int(packet.pointee.size)
            av_packet_unref(packet)
        }
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
    }
}

extension Encoder {
    /// Whether quality is counted on the scale of x264: six steps halve the quantiser.
    package var countsQualityInSixths: Bool { self == .x264 || self == .x264RGB || self == .x265 }
    /// Constant quality that needs no more bits than a person would notice.
    package var finestUsefulQuality: Double { transparentQuality }
    /// Constant quality that is as near to lossless as anybody wants.
    package var finestQualityOfAll: Double { finestQuality }
}
