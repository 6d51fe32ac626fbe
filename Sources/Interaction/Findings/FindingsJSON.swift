// Findings as JSON of our own.
import Terminal

extension PictureFindings {
    /// `{"image", "width", "height", "time", "interactions", "error"}`; time only of a frame of a video, error only
    /// where there is one. Boxes are `[x1, y1, x2, y2]` in pixels of the upright picture, from 0.
    public var json: JSONValue { json(withThings: false) }

    /// The same and, if asked, all things: `"boxes": [{"category", "box", "score"}]`, as ``KnownDetections`` reads them.
    func json(withThings: Bool) -> JSONValue {
        var members: [(String, JSONValue)] = [("image", .string(image))]
        if error == nil { members += [("width", .int(width)), ("height", .int(height))] }
        if let time { members.append(("time", .number(rounded(time, 1000)))) }
        if withThings, error == nil {
            let boxes = things.map { thing -> JSONValue in
                .object([
                    ("category", .string(COCO.categories[thing.category])),
                    ("box", thing.box.json), ("score", .number(rounded(thing.score, 10_000))),
                ])
            }
            members.append(("boxes", .array(boxes)))
        }
        members.append(("interactions", .array(findings.map(\.json))))
        if let error { members.append(("error", .string(error))) }
        return .object(members)
    }
}

extension Finding {
    /// `{"human", "object", "object_name", "verb", "score", "parts", "taught"}`; the object, and its part, null where it is
    /// not seen; `taught` only where it is true.
    var json: JSONValue {
        let members: [(String, JSONValue)] = [
            ("human", human.box.json), ("object", object?.box.json ?? .null),
            ("object_name", .string(objectName)), ("verb", .string(verb)),
            ("score", .number(rounded(score, 10_000))),
            (
                "parts",
                .object([
                    ("human", .number(rounded(human.score, 10_000))),
                    ("object", object.map { .number(rounded($0.score, 10_000)) } ?? .null),
                    ("verb", .number(rounded(verbScore, 10_000))),
                ])
            ),
        ]
        return .object(members + (isTaught ? [("taught", .bool(true))] : []))
    }
}

extension InteractionEvent {
    /// `{"image", "events": [{"start", "end", "verb", "object_name", "score", "people", "frames"}]}`
    static func json(_ events: [InteractionEvent], of image: String) -> JSONValue {
        let list = events.map { event -> JSONValue in
            .object([
                ("start", .number(rounded(event.start, 1000))),
                ("end", .number(rounded(event.end, 1000))),
                ("verb", .string(event.triplet.verb)),
                ("object_name", .string(event.triplet.object)),
                ("score", .number(rounded(event.score, 10_000))),
                ("people", .int(event.people)), ("frames", .int(event.frames)),
            ])
        }
        return .object([("image", .string(image)), ("events", .array(list))])
    }
}

extension Box {
    /// `[x1, y1, x2, y2]`, to a tenth of a pixel.
    var json: JSONValue { .array([x1, y1, x2, y2].map { .number(rounded($0, 10)) }) }
}

/// `value` to so many parts of one.
func rounded(_ value: Double, _ parts: Double) -> Double { (value * parts).rounded() / parts }
