// How large a job's output becomes: the quality that fits, the bytes to expect, the room for them.
import Media

/// The quality that was found to fit the size, so that it need not be found again.
public struct QualityFit: Sendable, Hashable {
    /// Constant quality on the encoder's scale, and how many times the source's bits that takes.
    public var quality: Double, ratio: Double
    /// Whether every frame was tried.
    public var isExact: Bool

    /// A quality that was found before.
    public init(quality: Double, ratio: Double, isExact: Bool) {
        (self.quality, self.ratio, self.isExact) = (quality, ratio, isExact)
    }
}

extension VideoJob {
    /// The quality that fits the size, once it is known; settable where it was found by the same job before.
    public var qualityFit: QualityFit? {
        get { fit.map { QualityFit(quality: $0.quality, ratio: $0.ratio, isExact: $0.isExact) } }
        set {
            fit = newValue.map {
                SizeTrial.Fit(quality: $0.quality, ratio: $0.ratio, isExact: $0.isExact)
            }
            request.encoding.fittedQuality = fit?.quality
            request.encoding.isFitExact = fit?.isExact ?? false
        }
    }

    /// Chooses the quality that fits the size by trial, where there is a size to keep to.
    func fitQuality(
        to first: Frame, _ model: (any RestorationModel)?, _ shouldStop: @escaping () -> Bool
    ) throws {
        guard case .video = kind, source is VideoReader, request.encoding.crf == nil,
            request.encoding.encoder.flatMap({ Encoder(name: $0) }) != .ffv1
        else { return }
        let video = description(first)
        guard let allowed = try allowedRatio(video), allowed.isFinite else { return }
        let trial = SizeTrial(
            path: request.input, reading: request.reading, start: request.start, end: request.end,
            video: video, allowed: allowed, settings: request.encoding, outputPath: request.output,
            stage: { try self.stage(model, shouldStop: shouldStop) },
            delivering: turnsVideo(first) ? { $0.turnedUpright() } : { $0 }, shouldStop: shouldStop,
            isGuarded: keepsSize)
        do {
            fit = try trial.run()
        } catch is MediaError {
            // Where a sample cannot be read, the cap serves without a trial; if the file is at
            // fault, the job itself says so.
            fit = nil
        }
        request.encoding.fittedQuality = fit?.quality
        request.encoding.isFitExact = fit?.isExact ?? false
    }

    /// How many times the source's bits the video may take; nil where that cannot be said.
    private func allowedRatio(_ video: VideoDescription) throws -> Double? {
        guard let source = video.sourceBitrate, source > 0 else { return nil }
        let size = request.encoding.size
        if size == .auto { return 2 }
        let facts = SizeFacts(
            video, otherBitrate: streams?.otherBitrate ?? 0, request.encoding)
        return try size.wantedRate(facts, path: request.output).map { $0 / Double(source) }
    }

    /// About how large the output will be, in bytes; until the quality is fitted, at most; nil where
    /// nothing limits it.
    public var expectedBytes: Int64? {
        switch kind {
        case .video: return expectedVideoBytes
        case .yuv4mpeg, .sequence, .still:
            guard request.output != "-", let count = frameCount else { return nil }
            let format = source.format
            let samples = (0..<format.planeCount).reduce(0) { sum, index in
                let size = format.planeSize(index, width: source.width, height: source.height)
                return sum + size.width * size.height
            }
            return Int64(count) * Int64(samples * format.bytesPerSample)
        }
    }

    private var expectedVideoBytes: Int64? {
        if case .bytes(let bytes) = request.encoding.size { return bytes }
        guard let duration, let streams, let bitrate = sourceBitrate else {
            return nil
        }
        let factor: Double
        switch request.encoding.size {
        case .factor(let value): factor = value
        case .auto where request.encoding.crf == nil: factor = fit?.ratio ?? 2
        default: return nil
        }
        let bits = Double(bitrate) * factor + Double(streams.otherBitrate)
        let bytes = bits / 8 * duration
        // What a damaged file declares of its length cannot exceed what it holds.
        let held = (source as? VideoReader)?.source.info.byteCount ?? 0
        return Int64(held > 0 ? min(bytes, Double(held) * max(1, factor)) : bytes)
    }

    /// What of the output's size goes beyond what somebody named, in words; nil: nothing does.
    func excess(_ bytes: Int64) -> String? {
        guard case .bytes(let named) = request.encoding.size, bytes > named, request.output != "-"
        else { return nil }
        return "\(request.output): takes \(bytes) bytes, more than the \(named) of --size: "
            + "its parts were harder to foresee than most, or it is at its coarsest"
    }

    /// Stops the job where the disk cannot hold the output.
    ///
    /// - Throws: ``OutputError/tooLittleSpace(path:needed:available:)``.
    public func requireSpace() throws {
        if let expectedBytes, request.output != "-" {
            try DiskSpace.require(expectedBytes, for: request.output)
        }
    }
}
