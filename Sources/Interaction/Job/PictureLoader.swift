// The pictures of one file: a photograph's one, or some of a video's frames.
import Media

/// Reads one file.
struct PictureLoader {
    private let path: String
    private let options: PictureFeed.Options

    init(_ path: String, _ options: PictureFeed.Options) {
        (self.path, self.options) = (path, options)
    }

    /// Hands over each picture.
    ///
    /// - Returns: Where a video ends, in seconds from its start; nil for a photograph.
    /// - Throws: `MediaError`; what `take` throws.
    @discardableResult
    func load(_ take: (LoadedPicture) throws -> Void) throws -> Double? {
        if StillReader.Kind(path: path) != nil {
            try take(photograph())
            return nil
        }
        var reading = options.reading
        reading.onlyKeyFrames = options.frames == .keyFrames
        let reader = try VideoReader(path: path, options: reading)
        /// Some decoders hand out all frames, whatever they are asked for.
        func next() throws -> Frame? {
            while let frame = try reader.next() {
                if !reading.onlyKeyFrames || frame.isKey { return frame }
            }
            return nil
        }
        guard let first = try next() else { return nil }
        let second = try next()
        // A video of one frame is a photograph; one key frame may have others behind it.
        let hasOthers = reading.onlyKeyFrames && reader.estimatedFrameCount ?? 1 > 1
        guard second != nil || hasOthers else {
            try take(loaded(first, at: nil))
            try check(reader)
            return nil
        }
        let step = options.frames.step(rate: reader.frameRate.value)
        var index = 0
        var end = 0.0
        func see(_ frame: Frame) throws {
            defer { index += 1 }
            let rate = reader.frameRate.value
            let length = Double(frame.duration) * reader.timeBase.value
            end = reader.seconds(frame) + (length > 0 ? length : rate > 0 ? 1 / rate : 0)
            guard index.isMultiple(of: step) else { return }
            try take(loaded(frame, at: max(0, reader.seconds(frame))))
        }
        try see(first)
        if let second { try see(second) }
        while let frame = try next() { try see(frame) }
        try check(reader)
        // Behind the last key frame there is more.
        return reading.onlyKeyFrames ? reader.source.info.duration ?? end : end
    }

    /// A photograph, read no larger than who looks at it needs.
    private func photograph() throws -> LoadedPicture {
        var reading = options.reading
        // Where nobody looks, its size is all that is asked for.
        reading.enoughPixels = options.eye?.enoughPixels ?? 1
        let reader = try StillReader(path: path, options: reading)
        let frame = try reader.next()!
        let profile = reader.metadata.icc
        guard reader.fullWidth > frame.width || reader.fullHeight > frame.height else {
            return loaded(frame, at: nil, profile)
        }
        let isTurned = frame.rotation == 90 || frame.rotation == 270
        let size = (
            width: isTurned ? reader.fullHeight : reader.fullWidth,
            height: isTurned ? reader.fullWidth : reader.fullHeight
        )
        // What is found must not depend on whether it is drawn: who is shown the whole picture gets it beside.
        var whole =
            options.keepsPixels
            ? try StillReader(path: path, options: options.reading).next()?.upright() : nil
        whole?.profile = profile
        return LoadedPicture(
            width: size.width, height: size.height, time: nil, pixels: whole,
            view: options.eye?.view(of: frame.upright(), size: size))
    }

    /// Throws where the file ended before its time.
    private func check(_ reader: VideoReader) throws {
        guard let failure = reader.readFailure, !options.reading.isLenient else { return }
        throw MediaError.inputFailure(path: path, reason: failure)
    }

    private func loaded(
        _ frame: Frame, at time: Double?, _ profile: [UInt8]? = nil
    ) -> LoadedPicture {
        var picture = frame.upright()
        picture.profile = profile
        return LoadedPicture(
            width: picture.width, height: picture.height, time: time,
            pixels: options.keepsPixels ? picture : nil, view: options.eye?.view(of: picture))
    }
}
