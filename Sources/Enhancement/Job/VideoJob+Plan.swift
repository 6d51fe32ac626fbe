// What a plan for a job must know of it: how fast its output is encoded, how many bits it may take.
import Media

extension VideoJob {
    /// Bits that the video may take where somebody named a size; nil where nobody did, or nothing is known of the length.
    ///
    /// - Throws: `OutputError`.
    public func wantedBits() throws -> Double? {
        guard case .video = kind, request.encoding.crf == nil, let reader = source as? VideoReader,
            let duration
        else { return nil }
        let facts = SizeFacts(
            videoBitrate: sourceBitrate, duration: duration,
            otherBitrate: streams?.otherBitrate ?? 0, frameRate: reader.frameRate.value)
        return try request.encoding.size.wantedRate(facts, path: request.output).map {
            $0 * duration
        }
    }

    /// Seconds of the clock that it takes to encode some frames as the output's will be.
    ///
    /// - Throws: `OutputError`, `MediaError`.
    public func secondsOfEncoding(_ frames: [Frame], clock: () -> Double) throws -> Double {
        guard case .video = kind, let first = frames.first else { return 0 }
        let trial = try EncodingTrial(
            path: request.output, video: description(first), settings: request.encoding,
            crf: request.encoding.crf ?? 20)
        let start = clock()
        for frame in frames {
            try trial.write(turnsVideo(first) ? frame.turnedUpright() : frame)
        }
        _ = try trial.finish()
        return clock() - start
    }
}
