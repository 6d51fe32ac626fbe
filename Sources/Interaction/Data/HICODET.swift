// HICO-DET in the JSON form of github.com/fredzzhang/hicodet.

/// HICO-DET's annotations: photographs, and the list of 600 verb-object pairs.
///
/// - SeeAlso: Chao et al., "Learning to detect human-object interactions" (arXiv:1702.05448).
public struct HICODET: Sendable {
    /// The photographs, those without a pair included.
    public let pictures: [AnnotatedPicture]
    /// The pairs; their places in this list are HICO-DET's numbers less 1.
    public let triplets: [Triplet]
    /// Places of the pairs that training shows fewer than ten times.
    public let rare: Set<Int>
    /// The verbs in order.
    public let verbs: [String]

    /// Reads `instances_train2015.json` or `instances_test2015.json`.
    ///
    /// The file counts pixels from 1 and both corners belong to the box; boxes here cover the same pixels.
    ///
    /// - Throws: ``AnnotationError``.
    public init(contentsOf path: String) throws(AnnotationError) {
        try self.init(AnnotationNode(contentsOf: path))
    }

    /// Reads the bytes of such a file.
    public init(parsing bytes: some Sequence<UInt8>, file: String) throws(AnnotationError) {
        try self.init(AnnotationNode(parsing: bytes, file: file))
    }

    init(_ root: AnnotationNode) throws(AnnotationError) {
        let objects = try root.member("objects").texts().map(Self.categoryName)
        let verbs = try root.member("verbs").texts()
        var triplets: [Triplet] = []
        for (index, row) in try root.member("correspondence").elements().enumerated() {
            let parts = try row.elements()
            guard parts.count == 3, try parts[0].integer() == index else {
                throw row.unexpected("[\(index), object, verb]")
            }
            triplets.append(
                Triplet(
                    verb: verbs[try parts[2].integer(in: verbs.indices)],
                    object: objects[try parts[1].integer(in: objects.indices)]))
        }
        let lists = try root.lists("annotation", "filenames", "size")
        var pictures: [AnnotatedPicture] = []
        pictures.reserveCapacity(lists[0].count)
        for index in lists[0].indices {
            var picture = AnnotatedPicture(file: try lists[1][index].text())
            if case .null = lists[2][index].value {
            } else {
                let size = try lists[2][index].size()
                (picture.width, picture.height) = (size.width, size.height)
            }
            try Self.read(lists[0][index], triplets, into: &picture)
            pictures.append(picture)
        }
        self.pictures = pictures
        self.triplets = triplets
        self.verbs = verbs
        rare = Set(try root.member("rare").integers(in: triplets.indices))
    }

    private static func read(
        _ node: AnnotationNode, _ triplets: [Triplet], into picture: inout AnnotatedPicture
    ) throws(AnnotationError) {
        let lists = try node.lists("boxes_h", "boxes_o", "hoi")
        for index in lists[0].indices {
            let triplet = triplets[try lists[2][index].integer(in: triplets.indices)]
            let human = picture.index(of: .init("person", try box(lists[0][index])))
            let object = picture.index(of: .init(triplet.object, try box(lists[1][index])))
            picture.interactions.append(
                .init(human: human, verb: triplet.verb, object: object, named: triplet.object))
        }
    }

    private static func box(_ node: AnnotationNode) throws(AnnotationError) -> Box {
        let box = try node.corners()
        return Box(box.x1 - 1, box.y1 - 1, box.x2, box.y2)
    }

    /// COCO's name of a thing that HICO-DET writes with underscores.
    static func categoryName(_ name: String) -> String {
        String(name.map { $0 == "_" ? " " : $0 })
    }
}
