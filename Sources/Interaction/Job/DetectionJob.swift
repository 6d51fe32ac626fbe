// Many pictures, one after the other: decoded ahead, looked at, told.
import Media

/// Says what people do in many pictures and videos.
public struct DetectionJob {
    /// What is told of a picture or video.
    public enum Report {
        /// One picture, or one frame of a video; pixels where they were asked for.
        case picture(PictureFindings, UprightPicture?)
        /// The end of a file, and what happens in it from when to when if it is a video.
        case end(image: String, events: [InteractionEvent]?)
        /// A file that cannot be read, or not to its end.
        case failure(PictureFindings, exitCode: Int32)
    }

    /// The files.
    public var paths: [String]
    /// Which frames of videos are looked at.
    public var frames = FrameChoice.automatic
    /// How files are read.
    public var reading = ReadOptions()
    /// Whether pictures come with the report.
    public var keepsPixels = false
    /// Threads that decode.
    public var decoders = 2
    /// Asked after each picture: true ends the job.
    public var shouldStop: () -> Bool = { false }

    /// A job on files.
    public init(_ paths: [String]) { self.paths = paths }

    /// Looks at all pictures in order.
    ///
    /// - Throws: `PlanError`; what `report` throws. A file that cannot be read is reported and does not end the job.
    public func run(
        _ source: BoxSource, _ finder: InteractionFinder, report: (Report) throws -> Void
    ) throws {
        try run(source, atLeast: finder.rules.leastBox, tell: finder.callAsFunction, report: report)
    }

    /// Says what is done in a picture with these things, of this width and height; the last says what boxes of it look
    /// like.
    public typealias Teller = (
        _ things: [Detection], _ width: Int, _ height: Int, _ look: (([Box]) throws -> [[Float]])?
    ) throws -> [Finding]

    /// Looks at all pictures in order, for whoever tells what is done in them.
    ///
    /// - Parameter least: What things score at least.
    /// - Throws: What `tell` and `report` throw; `PlanError`.
    public func run(
        _ source: BoxSource, atLeast least: Double, tell: Teller, report: (Report) throws -> Void
    ) throws {
        var reading = reading
        reading.threads = 1
        let feed = PictureFeed(
            paths,
            .init(
                reading: reading, frames: frames, keepsPixels: keepsPixels, eye: source.eye,
                threads: decoders))
        defer { feed.stop() }
        for (index, path) in paths.enumerated() {
            var merger = EventMerger()
            var isVideo = false
            var duration: Double?
            events: while !shouldStop() {
                switch try feed.next(of: index) {
                case .picture(let picture):
                    let findings = try source.findings(
                        in: picture, named: path, atLeast: least, tell: tell)
                    if let time = picture.time {
                        isVideo = true
                        merger.add(findings.findings, at: time)
                    }
                    try report(.picture(findings, picture.pixels))
                case .failure(let text, let exitCode):
                    var findings = PictureFindings(image: path)
                    findings.error = text
                    try report(.failure(findings, exitCode: exitCode))
                case .end(let end):
                    duration = end
                    break events
                }
            }
            try report(.end(image: path, events: isVideo ? merger.finish(at: duration) : nil))
            if shouldStop() { return }
        }
    }
}
