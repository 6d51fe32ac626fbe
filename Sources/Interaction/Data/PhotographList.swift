// Our own list of annotated photographs: JSON Lines, a photograph a line.

extension AnnotatedPicture {
    /// Reads a list of photographs, a JSON object a line.
    ///
    /// A line has `image`, `width`, `height`, `boxes` (`category`, `box`, and where they apply `score`, `iscrowd`,
    /// `duplicate_of`), `interactions` (`subject`, `object`, `verb`, `object_name`, `match`), and
    /// `interactions_labelled`: "one person only", "none", or anything else for everybody.
    ///
    /// - Throws: ``AnnotationError``.
    public static func list(contentsOf path: String) throws(AnnotationError) -> [AnnotatedPicture] {
        try list(in: AnnotationNode.bytes(of: path), file: path)
    }

    /// Reads the bytes of such a list.
    static func list(in bytes: [UInt8], file: String) throws(AnnotationError) -> [AnnotatedPicture]
    {
        var pictures: [AnnotatedPicture] = []
        for line in try AnnotationNode.lines(in: bytes, file: file) {
            pictures.append(try AnnotatedPicture(line))
        }
        return pictures
    }

    private init(_ line: AnnotationNode) throws(AnnotationError) {
        let extent = 1..<1_000_000
        self.init(
            file: try line.member("image").text(),
            width: try line.member("width").integer(in: extent),
            height: try line.member("height").integer(in: extent))
        let boxes = try line.member("boxes").elements()
        for node in boxes {
            var thing = Thing(
                try node.member("category").text(), try node.member("box").corners())
            thing.isCrowd = try node.optional("iscrowd").map(Self.isTrue) ?? false
            thing.score = try node.optional("score")?.number()
            thing.repeated = try node.optional("duplicate_of")?.integer(in: boxes.indices)
            things.append(thing)
        }
        for node in try line.member("interactions").elements() {
            var interaction = Interaction(
                human: try node.member("subject").integer(in: things.indices),
                verb: try node.member("verb").text(),
                object: try node.optional("object")?.integer(in: things.indices),
                named: try node.optional("object_name")?.text())
            interaction.match = try node.optional("match")?.number()
            interactions.append(interaction)
        }
        switch try line.optional("interactions_labelled")?.text() {
        case "one person only": coverage = .onePerson
        case "none": coverage = .nobody
        default: coverage = .everybody
        }
        hasAllThings = try line.optional("boxes_labelled").map(Self.isTrue) ?? false
    }

    /// COCO writes 0 and 1, others false and true.
    private static func isTrue(_ node: AnnotationNode) throws(AnnotationError) -> Bool {
        if let truth = node.value.boolean { return truth }
        return try node.integer(in: 0..<2) == 1
    }
}
