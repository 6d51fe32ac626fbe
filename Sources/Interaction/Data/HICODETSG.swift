// HICO-DET-SG: photographs that show only combinations which training must not show.

/// A test set of HICO-DET-SG, in the form of PPDM and HOI-A.
///
/// - SeeAlso: Takemoto et al., "HICO-DET-SG and V-COCO-SG" (arXiv:2305.09948).
public struct HICODETSG: Sendable {
    /// The photographs; those of HICO-DET's training set are among them.
    public let pictures: [AnnotatedPicture]

    /// The combinations that they show: all others may be trained on.
    public var triplets: Set<Triplet> { pictures.reduce(into: []) { $0.formUnion($1.triplets) } }

    /// Reads `test_hico_sg*.json`.
    ///
    /// - Parameter verbs: HICO-DET's verbs in order, as ``HICODET/verbs``.
    /// - Throws: ``AnnotationError``.
    public init(contentsOf path: String, verbs: [String]) throws(AnnotationError) {
        try self.init(AnnotationNode(contentsOf: path), verbs)
    }

    /// Reads the bytes of such a file.
    public init(
        parsing bytes: some Sequence<UInt8>, file: String, verbs: [String]
    ) throws(AnnotationError) {
        try self.init(AnnotationNode(parsing: bytes, file: file), verbs)
    }

    init(_ root: AnnotationNode, _ verbs: [String]) throws(AnnotationError) {
        var pictures: [AnnotatedPicture] = []
        for node in try root.elements() {
            var picture = AnnotatedPicture(file: try node.member("file_name").text())
            // Pixels are counted from 1 in photographs of the test set and from 0 in all others.
            let first = picture.file.hasPrefix("HICO_test2015") ? 1.0 : 0.0
            for thing in try node.member("annotations").elements() {
                let category = try thing.member("category_id")
                guard let index = COCO.index(ofIdentifier: try category.integer()) else {
                    throw category.unexpected("a number of one of COCO's categories")
                }
                let box = try thing.member("bbox").corners()
                picture.things.append(
                    .init(
                        COCO.categories[index],
                        Box(
                            box.x1 - first, box.y1 - first, box.x2 + 1 - first,
                            box.y2 + 1 - first)))
            }
            let things = picture.things.indices
            for pair in try node.member("hoi_annotation").elements() {
                let object = try pair.member("object_id").integer(in: things)
                let verb = try pair.member("category_id").integer(in: 1..<verbs.count + 1)
                picture.interactions.append(
                    .init(
                        human: try pair.member("subject_id").integer(in: things),
                        verb: verbs[verb - 1], object: object,
                        named: picture.things[object].category))
            }
            pictures.append(picture)
        }
        self.pictures = pictures
    }
}
