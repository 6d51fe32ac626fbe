// COCO's file of instances: which things are where in which photograph.

/// The annotations of COCO's `instances_*.json`.
///
/// - SeeAlso: Lin et al., "Microsoft COCO" (arXiv:1405.0312); cocodataset.org, "Data format".
public struct COCOInstances: Sendable {
    /// Where an annotation's thing is: in which of the photographs, and which of its things.
    public struct Place: Sendable, Hashable {
        /// An index into the photographs, and one into that photograph's things.
        public let picture: Int, thing: Int
    }

    /// The photographs in the file's order; nobody's interactions are known.
    public let pictures: [AnnotatedPicture]
    /// Indices of the photographs by their numbers.
    public let pictureIndices: [Int: Int]
    /// Places of the things by the numbers of their annotations.
    public let places: [Int: Place]

    /// Reads a file of instances.
    ///
    /// - Throws: ``AnnotationError``.
    public init(contentsOf path: String) throws(AnnotationError) {
        try self.init(AnnotationNode(contentsOf: path))
    }

    /// Reads the bytes of such a file.
    public init(parsing bytes: some Sequence<UInt8>, file: String) throws(AnnotationError) {
        try self.init(AnnotationNode(parsing: bytes, file: file))
    }

    private init(_ root: AnnotationNode) throws(AnnotationError) {
        var names: [Int: String] = [:]
        for category in try root.member("categories").elements() {
            names[try category.member("id").integer()] = try category.member("name").text()
        }
        var pictures: [AnnotatedPicture] = []
        var indices: [Int: Int] = [:]
        for image in try root.member("images").elements() {
            let identifier = try image.member("id")
            let extent = 1..<1_000_000
            guard indices.updateValue(pictures.count, forKey: try identifier.integer()) == nil
            else { throw identifier.unexpected("a number that no other image has") }
            pictures.append(
                AnnotatedPicture(
                    file: try image.member("file_name").text(),
                    width: try image.optional("width")?.integer(in: extent),
                    height: try image.optional("height")?.integer(in: extent), coverage: .nobody,
                    hasAllThings: true))
        }
        var places: [Int: Place] = [:]
        for annotation in try root.member("annotations").elements() {
            let image = try annotation.member("image_id")
            guard let picture = indices[try image.integer()] else {
                throw image.unexpected("the id of one of the images")
            }
            let category = try annotation.member("category_id")
            guard let name = names[try category.integer()] else {
                throw category.unexpected("the id of one of the categories")
            }
            let (x, y, width, height) = try annotation.member("bbox").numbers4()
            var thing = AnnotatedPicture.Thing(name, Box(x, y, x + width, y + height))
            thing.isCrowd = try (annotation.optional("iscrowd")?.integer() ?? 0) != 0
            thing.area = try annotation.optional("area")?.number()
            let identifier = try annotation.member("id")
            let place = Place(picture: picture, thing: pictures[picture].things.count)
            guard places.updateValue(place, forKey: try identifier.integer()) == nil else {
                throw identifier.unexpected("a number that no other annotation has")
            }
            pictures[picture].things.append(thing)
        }
        (self.pictures, pictureIndices, self.places) = (pictures, indices, places)
    }
}
