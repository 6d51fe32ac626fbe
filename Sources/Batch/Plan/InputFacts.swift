// What is known of an input before any work.
import Terminal

/// What is known of an input before any work.
public struct InputFacts: Sendable, Hashable {
    /// Size of its frames, how many there are, how many a second; nil where nobody knows.
    public var width: Int, height: Int, frames: Int?, rate: Double
    /// Whether it is a picture.
    public var isPicture: Bool
    /// Why it counts as truncated; nil where it is whole.
    public var truncation: String?
    /// About how many bytes its output takes; nil where nothing says.
    public var expectedBytes: Int64?
    /// What does not fit into its output, a line each.
    public var warnings: [String]

    var json: JSONValue {
        .object([
            ("width", .int(width)), ("height", .int(height)),
            ("frames", frames.map(JSONValue.int) ?? .null), ("rate", .number(rate)),
            ("picture", .bool(isPicture)),
            ("truncated", truncation.map(JSONValue.string) ?? .null),
            ("expectedBytes", expectedBytes.map { .int(Int($0)) } ?? .null),
            ("warnings", .array(warnings.map(JSONValue.string))),
        ])
    }

    init?(_ json: JSONValue) {
        guard let width = json["width"]?.integer, let height = json["height"]?.integer,
            let rate = json["rate"]?.double, let isPicture = json["picture"]?.boolean,
            let warnings = json["warnings"]?.elements
        else { return nil }
        // What no decoder would say is not believed: sizes are multiplied.
        guard (1...1_000_000).contains(width), (1...1_000_000).contains(height), rate >= 0,
            (0...1 << 40).contains(json["frames"]?.integer ?? 0)
        else { return nil }
        (self.width, self.height, self.rate, self.isPicture) = (width, height, rate, isPicture)
        frames = json["frames"]?.integer
        truncation = json["truncated"]?.text
        expectedBytes = json["expectedBytes"]?.integer.map(Int64.init)
        self.warnings = warnings.compactMap(\.text)
    }

    init(
        width: Int, height: Int, frames: Int?, rate: Double, isPicture: Bool, truncation: String?,
        expectedBytes: Int64?, warnings: [String]
    ) {
        (self.width, self.height, self.frames, self.rate) = (width, height, frames, rate)
        (self.isPicture, self.truncation) = (isPicture, truncation)
        (self.expectedBytes, self.warnings) = (expectedBytes, warnings)
    }
}
