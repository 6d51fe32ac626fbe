// The proof that a search for interactions is done, and what came of it.
import Media
import Terminal

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
