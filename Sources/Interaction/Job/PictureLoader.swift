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
    /// - Throws: `MediaError`; what `take` throws.
    func load(_ take: (LoadedPicture) throws -> Void) throws {
        if StillReader.Kind(path: path) != nil {
            let reader = try StillReader(path: path, options: options.reading)
            while let frame = try reader.next() { try take(loaded(frame, at: nil)) }
            return
        }
        var reading = options.reading
        reading.onlyKeyFrames = options.frames == .keyFrames
        let reader = try VideoReader(path: path, options: reading)
        guard let first = try reader.next() else { return }
        // A video of one frame is a photograph.
        guard let second = try reader.next() else {
            try take(loaded(first, at: nil))
            try check(reader)
            return
        }
        let step = options.frames.step(rate: reader.frameRate.value)
        var index = 0
        func see(_ frame: Frame) throws {
            defer { index += 1 }
            guard index.isMultiple(of: step) else { return }
            try take(loaded(frame, at: max(0, reader.seconds(frame))))
        }
        try see(first)
        try see(second)
        while let frame = try reader.next() { try see(frame) }
        try check(reader)
    }

    /// Throws where the file ended before its time.
    private func check(_ reader: VideoReader) throws {
        guard let failure = reader.readFailure, !options.reading.isLenient else { return }
        throw MediaError.inputFailure(path: path, reason: failure)
    }

    private func loaded(_ frame: Frame, at time: Double?) -> LoadedPicture {
        let picture = frame.upright()
        return LoadedPicture(
            width: picture.width, height: picture.height, time: time,
            pixels: options.keepsPixels ? picture : nil, view: options.eye?.view(of: picture))
    }
}
