// Boxes that somebody else's detector found, as files.

/// The things in pictures as a file says: COCO's results, or a list of photographs with boxes.
public struct KnownDetections: Sendable {
    /// How a file of results numbers COCO's categories.
    public enum Numbering: String, Sendable, CaseIterable {
        /// 1 to 90, with gaps, as COCO's annotations do.
        case annotations = "1-90"
        /// 0 to 79, as detectors do.
        case indices = "0-79"
    }

    /// Things by the file's name as the list gives it, by the last part of it, and by COCO's number.
    private var byPath: [String: [Detection]] = [:]
    private var byName: [String: [Detection]] = [:]
    private var byNumber: [Int: [Detection]] = [:]
    /// The file.
    public let path: String

    /// Reads COCO's results, `[{"image_id" or "file_name", "category_id", "bbox": [x, y, width, height], "score"}]`, or
    /// JSON lines `{"image", "boxes": [{"category", "box": [x1, y1, x2, y2], "score"}]}`; a score that is null or not
    /// there is 1.
    ///
    /// - Throws: ``AnnotationError``.
    /// - SeeAlso: cocodataset.org, "Results format".
    public init(
        contentsOf path: String, numbering: Numbering = .annotations
    ) throws(AnnotationError) {
        self.path = path
        let bytes = try AnnotationNode.bytes(of: path)
        if bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "[") {
            for node in try AnnotationNode(parsing: bytes, file: path).elements() {
                try add(result: node, numbering)
            }
        } else {
            for line in try AnnotationNode.lines(in: bytes, file: path) { try add(line: line) }
        }
    }

    private mutating func add(
        result node: AnnotationNode, _ numbering: Numbering
    ) throws(AnnotationError) {
        let number = try node.member("category_id")
        let value = try number.integer()
        let category: Int? =
            switch numbering {
            case .annotations: COCO.index(ofIdentifier: value)
            case .indices: COCO.categories.indices.contains(value) ? value : nil
            }
        guard let category else {
            throw number.unexpected("a category of \(numbering.rawValue)")
        }
        let (x, y, width, height) = try node.member("bbox").numbers4()
        let found = Detection(
            Box(x, y, x + width, y + height), category: category,
            score: try Self.score(of: node))
        if let name = node.optional("file_name") {
            add([found], to: try name.text())
        } else if let image = node.optional("image_id"), let name = image.value.text {
            add([found], to: name)
        } else {
            byNumber[try node.member("image_id").integer(), default: []].append(found)
        }
    }

    private mutating func add(line: AnnotationNode) throws(AnnotationError) {
        add(try Self.things(of: line.member("boxes")), to: try line.member("image").text())
    }

    /// The things of a list of boxes, `[{"category", "box", "score"}]`.
    static func things(of boxes: AnnotationNode) throws(AnnotationError) -> [Detection] {
        var things: [Detection] = []
        for node in try boxes.elements() {
            // The same thing a second time, as a detector saw it.
            guard node.optional("duplicate_of") == nil else { continue }
            let name = try node.member("category")
            guard let category = COCO.index(of: try name.text()) else {
                throw name.unexpected("one of COCO's 80 categories")
            }
            things.append(
                Detection(
                    try node.member("box").corners(), category: category,
                    score: try score(of: node)))
        }
        return things
    }

    private static func score(of node: AnnotationNode) throws(AnnotationError) -> Double {
        guard let member = node.optional("score") else { return 1 }
        let score = try member.number()
        guard (0...1).contains(score) else { throw member.unexpected("a number from 0 to 1") }
        return score
    }

    private mutating func add(_ things: [Detection], to name: String) {
        byPath[name, default: []] += things
        byName[Self.lastPart(of: name), default: []] += things
    }

    /// Whether the file says anything of a picture.
    public func knows(_ picture: String) -> Bool { entry(for: picture) != nil }

    /// What is in a picture, best first: boxes cut off at its edges, empty ones left out.
    ///
    /// A picture is known by its whole name, else by the last part of it, else by the number at its end, which is
    /// COCO's (`COCO_val2014_000000000042.jpg`).
    public func detections(of picture: String, width: Int, height: Int) -> [Detection] {
        let things = (entry(for: picture) ?? []).compactMap { thing -> Detection? in
            var thing = thing
            thing.box = thing.box.clipped(width: width, height: height)
            return thing.box.isEmpty || !thing.box.isFinite ? nil : thing
        }
        return things.enumerated().sorted {
            ($0.element.score, $1.offset) > ($1.element.score, $0.offset)
        }.map(\.element)
    }

    private func entry(for picture: String) -> [Detection]? {
        let name = Self.lastPart(of: picture)
        let stem = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
        return byPath[picture] ?? byName[name] ?? byName[stem]
            ?? COCO.imageNumber(ofFile: name).flatMap { byNumber[$0] }
    }

    private static func lastPart(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}

extension COCO {
    /// The number of a photograph by its file's name: all of it, as in `42.jpg`, or twelve digits at its end, as in
    /// `COCO_val2014_000000000042.jpg`; nil for other names.
    public static func imageNumber(ofFile name: String) -> Int? {
        let stem = name.lastIndex(of: ".").map { name[..<$0] } ?? name[...]
        let digits = stem.reversed().prefix { $0.isASCII && $0.isNumber }.reversed()
        return digits.count == stem.count || digits.count == 12 ? Int(String(digits)) : nil
    }
}
