// One photograph of somebody doing what is taught.
import Interaction
import Terminal

/// What a memory says of an example: which interaction it shows, where it was seen, and by what.
public struct TaughtExample: Sendable, Hashable {
    /// Verb and thing.
    public var triplet: Triplet
    /// The photograph, as an absolute path.
    public var photograph: String
    /// The SHA-256 of its file, by which the same photograph is known again.
    public var digest: String
    /// Who does it.
    public var human: Box
    /// What it is done to; nil where that was not seen.
    public var object: Box?
    /// The beginning of the digest of the detector's file that looked.
    public var detector: String

    /// An example.
    public init(
        _ triplet: Triplet, photograph: String, digest: String, human: Box, object: Box?,
        detector: String
    ) {
        (self.triplet, self.photograph, self.digest) = (triplet, photograph, digest)
        (self.human, self.object, self.detector) = (human, object, detector)
    }

    /// The name under which it is stored: all of it as JSON.
    var name: String {
        func corners(_ box: Box) -> JSONValue {
            .array([box.x1, box.y1, box.x2, box.y2].map { .number(($0 * 10).rounded() / 10) })
        }
        return JSONValue.object([
            ("verb", .string(triplet.verb)), ("object_name", .string(triplet.object)),
            ("photograph", .string(photograph)), ("sha256", .string(digest)),
            ("human", corners(human)), ("object", object.map(corners) ?? .null),
            ("detector", .string(detector)),
        ]).compact
    }

    /// The example of a ``name``; nil for anything else.
    init?(named name: String) {
        func box(_ value: JSONValue?) -> Box? {
            guard let numbers = value?.elements?.compactMap(\.double), numbers.count == 4 else {
                return nil
            }
            let box = Box(numbers[0], numbers[1], numbers[2], numbers[3])
            return box.isFinite ? box : nil
        }
        guard let json = try? JSONValue(parsing: Array(name.utf8)),
            let verb = json["verb"]?.text, !verb.isEmpty, let object = json["object_name"]?.text,
            !object.isEmpty, let photograph = json["photograph"]?.text,
            let digest = json["sha256"]?.text, let human = box(json["human"]),
            let detector = json["detector"]?.text
        else { return nil }
        self.init(
            Triplet(verb: verb, object: object), photograph: photograph, digest: digest,
            human: human, object: box(json["object"]), detector: detector)
    }
}
