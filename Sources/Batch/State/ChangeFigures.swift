// What an enhancement did to a video, in numbers and in a frame.
import Terminal

/// What an enhancement did, measured on some frames of a video.
struct ChangeFigures: Sendable, Hashable {
    /// Frames looked at.
    var frames = 0
    /// Sums over those of: the decoder's luma step, the strength of block edges before and after, the mean squared change
    /// of luma in 8-bit code values.
    var step = 0.0, blocksBefore = 0.0, blocksAfter = 0.0, change = 0.0
    /// Frames whose step the decoder said, and frames that were searched for the edges of blocks.
    var steppedFrames = 0, blockFrames = 0

    static func + (a: Self, b: Self) -> Self {
        var sum = a
        sum.frames += b.frames
        sum.step += b.step
        sum.blocksBefore += b.blocksBefore
        sum.blocksAfter += b.blocksAfter
        sum.change += b.change
        sum.steppedFrames += b.steppedFrames
        sum.blockFrames += b.blockFrames
        return sum
    }

    var json: JSONValue {
        .object([
            ("frames", .int(frames)), ("step", .number(step)),
            ("steppedFrames", .int(steppedFrames)), ("blockFrames", .int(blockFrames)),
            ("blocksBefore", .number(blocksBefore)),
            ("blocksAfter", .number(blocksAfter)), ("change", .number(change)),
        ])
    }

    init() {}

    init?(_ json: JSONValue) {
        guard let frames = json["frames"]?.integer, let step = json["step"]?.double,
            let steppedFrames = json["steppedFrames"]?.integer,
            let blockFrames = json["blockFrames"]?.integer,
            let before = json["blocksBefore"]?.double, let after = json["blocksAfter"]?.double,
            let change = json["change"]?.double
        else { return nil }
        (self.frames, self.step, self.steppedFrames) = (frames, step, steppedFrames)
        (blocksBefore, blocksAfter, self.change) = (before, after, change)
        self.blockFrames = blockFrames
    }
}

/// The frame that changed most, which lies in two files.
struct ShownFrame: Sendable, Hashable {
    /// How much it changed, when it is shown in seconds from the start, and how large it is.
    var change: Double, time: Double, width: Int, height: Int

    var json: JSONValue {
        .object([
            ("change", .number(change)), ("time", .number(time)), ("width", .int(width)),
            ("height", .int(height)),
        ])
    }

    init(change: Double, time: Double, width: Int, height: Int) {
        (self.change, self.time, self.width, self.height) = (change, time, width, height)
    }

    init?(_ json: JSONValue) {
        guard let change = json["change"]?.double, let time = json["time"]?.double,
            let width = json["width"]?.integer, let height = json["height"]?.integer
        else { return nil }
        self.init(change: change, time: time, width: width, height: height)
    }
}
