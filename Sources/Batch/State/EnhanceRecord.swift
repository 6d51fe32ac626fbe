// The proof that an enhancement is done, and what came of it.
import Enhancement
import Media
import Terminal

/// An enhancement that is done.
struct EnhanceRecord: Sendable {
    /// What it was made of, with which options, and what its output holds.
    var input: FileSeal, options: String, output: FileSeal
    /// What came of it.
    var frames: Int, repeated: Int, concealed: Int, seconds: Double, parts: Int
    var encoder: String?, encoderOptions: String
    var truncation: String?, warnings: [String]
    var figures: ChangeFigures, shown: ShownFrame?
    /// What each shot got; nil: all were treated alike.
    var shots: PlannedShots?

    var json: JSONValue {
        func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
        var members: [(String, JSONValue)] = [
            ("input", input.json), ("options", .string(options)), ("output", output.json),
            ("frames", .int(frames)), ("framesRepeated", .int(repeated)),
            ("framesConcealed", .int(concealed)), ("seconds", .number(seconds)),
            ("parts", .int(parts)), ("encoder", text(encoder)),
            ("encoderOptions", .string(encoderOptions)), ("truncated", text(truncation)),
            ("warnings", .array(warnings.map(JSONValue.string))), ("figures", figures.json),
            ("shown", shown?.json ?? .null),
        ]
        // As 'mwgan enhance --plan' reads it.
        if let shots { members.append(("plan", shots.list)) }
        return .object(members)
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
        shots = job.shots
    }
}
