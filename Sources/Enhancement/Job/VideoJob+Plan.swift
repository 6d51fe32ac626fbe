// What a plan for a job must know of it: how fast its output is encoded, how many bits it may take.
import Media

extension VideoJob {
    /// Bits that the video may take where somebody named a size, and its encoder can spend them as shots need them; nil
    /// where nobody did, where it codes all frames alike, or nothing is known of the length.
    ///
    /// - Parameter first: A frame of the input.
    /// - Throws: `OutputError`.
    public func wantedBits(of first: Frame) throws -> Double? {
        guard case .video = kind, request.encoding.crf == nil, let reader = source as? VideoReader,
            let duration
        else { return nil }
        let video = description(first)
        let encoder = try VideoWriter.check(
            path: request.output, video: video, settings: request.encoding)
        guard encoder.takesRegions, video.fieldOrder == .progressive else { return nil }
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

    /// Seconds of the clock that it takes to decode a pixel of this video and to encode it again, tried on its first frames.
    /// The source is read from where it stands.
    ///
    /// - Throws: `OutputError`, `MediaError`.
    public func secondsOfCoding(frames count: Int, clock: () -> Double) throws -> Double {
        let start = clock()
        var frames: [Frame] = []
        while frames.count < count, let frame = try source.next() { frames.append(frame) }
        guard !frames.isEmpty else { return 0 }
        let decoding = clock() - start
        let encoding = try secondsOfEncoding(frames, clock: clock)
        return (decoding + encoding) / Double(frames.count * source.width * source.height)
    }
}
