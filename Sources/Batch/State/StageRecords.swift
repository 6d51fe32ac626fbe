// What is known of a stage that is done: the proof that it is, and what came of it.
import Enhancement
import Interaction
import Media
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

/// An enhancement that is done.
struct EnhanceRecord: Sendable {
    /// What it was made of, with which options, and what its output holds.
    var input: FileSeal, options: String, output: FileSeal
    /// What came of it.
    var frames: Int, repeated: Int, concealed: Int, seconds: Double, parts: Int
    var encoder: String?, encoderOptions: String
    var truncation: String?, warnings: [String]
    var figures: ChangeFigures, shown: ShownFrame?

    var json: JSONValue {
        func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
        return .object([
            ("input", input.json), ("options", .string(options)), ("output", output.json),
            ("frames", .int(frames)), ("framesRepeated", .int(repeated)),
            ("framesConcealed", .int(concealed)), ("seconds", .number(seconds)),
            ("parts", .int(parts)), ("encoder", text(encoder)),
            ("encoderOptions", .string(encoderOptions)), ("truncated", text(truncation)),
            ("warnings", .array(warnings.map(JSONValue.string))), ("figures", figures.json),
            ("shown", shown?.json ?? .null),
        ])
    }

    init?(_ json: JSONValue) {
        guard let input = json["input"].flatMap(FileSeal.init), let options = json["options"]?.text,
            let output = json["output"].flatMap(FileSeal.init),
            let frames = json["frames"]?.integer, let repeated = json["framesRepeated"]?.integer,
            let concealed = json["framesConcealed"]?.integer,
            let seconds = json["seconds"]?.double, let parts = json["parts"]?.integer,
            let encoderOptions = json["encoderOptions"]?.text,
            let warnings = json["warnings"]?.elements,
            let figures = json["figures"].flatMap(ChangeFigures.init)
        else { return nil }
        (self.input, self.options, self.output) = (input, options, output)
        (self.frames, self.repeated, self.concealed) = (frames, repeated, concealed)
        (self.seconds, self.parts, encoder) = (seconds, parts, json["encoder"]?.text)
        (self.encoderOptions, truncation) = (encoderOptions, json["truncated"]?.text)
        self.warnings = warnings.compactMap(\.text)
        (self.figures, shown) = (figures, json["shown"].flatMap(ShownFrame.init))
    }

    init(
        of job: BatchJob, options: String, output: FileSeal, _ result: VideoJobResult,
        figures: ChangeFigures, shown: ShownFrame?
    ) {
        (input, self.options, self.output) = (job.seal, options, output)
        frames = result.outcome.framesOut
        repeated = result.outcome.repeated
        concealed = result.concealed
        seconds = result.outcome.elapsed
        parts = job.unitCount
        encoder = result.encoder
        encoderOptions = result.encoderOptions.map { "\($0.key)=\($0.value)" }.joined(
            separator: " ")
        truncation = job.facts?.truncation
        warnings = (job.facts?.warnings ?? []) + result.warnings
        (self.figures, self.shown) = (figures, shown)
    }
}

/// One thing that somebody was found doing, for the report.
struct FoundInteraction: Sendable, Hashable {
    var phrase: String, score: Double, time: Double?
    /// The number of the drawing that shows it; nil: none does.
    var drawing: Int?

    var json: JSONValue {
        .object([
            ("phrase", .string(phrase)), ("score", .number(score)),
            ("time", time.map(JSONValue.number) ?? .null),
            ("drawing", drawing.map(JSONValue.int) ?? .null),
        ])
    }

    init(phrase: String, score: Double, time: Double?, drawing: Int? = nil) {
        (self.phrase, self.score, self.time, self.drawing) = (phrase, score, time, drawing)
    }

    init?(_ json: JSONValue) {
        guard let phrase = json["phrase"]?.text, let score = json["score"]?.double else {
            return nil
        }
        self.init(
            phrase: phrase, score: score, time: json["time"]?.double,
            drawing: json["drawing"]?.integer)
    }
}

/// A search for interactions that is done.
struct SearchRecord: Sendable {
    /// What was searched, with which options, and what the file of findings holds.
    var input: FileSeal, options: String, output: FileSeal
    /// Pictures looked at, findings in them, seconds it took.
    var pictures: Int, found: Int, seconds: Double
    /// The surest of what was found, how many pictures were drawn, and what people should know.
    var interactions: [FoundInteraction], drawings: Int, warnings: [String]

    var json: JSONValue {
        .object([
            ("input", input.json), ("options", .string(options)), ("output", output.json),
            ("pictures", .int(pictures)), ("found", .int(found)), ("seconds", .number(seconds)),
            ("interactions", .array(interactions.map(\.json))), ("drawings", .int(drawings)),
            ("warnings", .array(warnings.map(JSONValue.string))),
        ])
    }

    init(
        input: FileSeal, options: String, output: FileSeal, pictures: Int, found: Int,
        seconds: Double, interactions: [FoundInteraction], drawings: Int, warnings: [String]
    ) {
        (self.input, self.options, self.output) = (input, options, output)
        (self.pictures, self.found, self.seconds) = (pictures, found, seconds)
        (self.interactions, self.drawings, self.warnings) = (interactions, drawings, warnings)
    }

    init?(_ json: JSONValue) {
        guard let input = json["input"].flatMap(FileSeal.init), let options = json["options"]?.text,
            let output = json["output"].flatMap(FileSeal.init),
            let pictures = json["pictures"]?.integer, let found = json["found"]?.integer,
            let seconds = json["seconds"]?.double,
            let interactions = json["interactions"]?.elements,
            let drawings = json["drawings"]?.integer, let warnings = json["warnings"]?.elements
        else { return nil }
        self.init(
            input: input, options: options, output: output, pictures: pictures, found: found,
            seconds: seconds, interactions: interactions.compactMap(FoundInteraction.init),
            drawings: drawings, warnings: warnings.compactMap(\.text))
    }
}
