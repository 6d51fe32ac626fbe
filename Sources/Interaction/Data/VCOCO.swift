// V-COCO in its two forms: the official one, and the pairs of github.com/fredzzhang/vcoco.

/// V-COCO's annotations: verbs of people in COCO's photographs.
///
/// A verb is the action and the role of the thing: `hit instr`, `hit obj`; an action without a thing stands alone:
/// `walk`.
///
/// - SeeAlso: Gupta and Malik, "Visual semantic role labeling" (arXiv:1505.04474).
public struct VCOCO: Sendable {
    /// The photographs.
    public let pictures: [AnnotatedPicture]
    /// The verbs in order.
    public let verbs: [String]
    /// Whether only pairs are known: an action whose thing is out of sight is then not there at all, so that the official
    /// measures cannot be computed.
    public let hasPairsOnly: Bool
    /// For each photograph, those of its things of whom is known what they do, be it nothing.
    public let annotatedPeople: [Set<Int>]

    // MARK: - Pairs

    /// Reads `instances_vcoco_*.json`, which holds pairs only.
    ///
    /// - Throws: ``AnnotationError``.
    public init(pairs path: String) throws(AnnotationError) {
        try self.init(pairs: AnnotationNode(contentsOf: path))
    }

    /// Reads the bytes of such a file.
    public init(parsingPairs bytes: some Sequence<UInt8>, file: String) throws(AnnotationError) {
        try self.init(pairs: AnnotationNode(parsing: bytes, file: file))
    }

    init(pairs root: AnnotationNode) throws(AnnotationError) {
        let verbs = try root.member("classes").texts()
        let objects = try root.member("objects").texts()
        var pictures: [AnnotatedPicture] = []
        for node in try root.member("annotations").elements() {
            var picture = AnnotatedPicture(file: try node.member("file_name").text())
            let lists = try node.lists("boxes_h", "boxes_o", "actions", "objects")
            for index in lists[0].indices {
                let name = objects[try lists[3][index].integer(in: objects.indices)]
                let human = picture.index(of: .init("person", try lists[0][index].corners()))
                let object = picture.index(of: .init(name, try lists[1][index].corners()))
                let verb = verbs[try lists[2][index].integer(in: verbs.indices)]
                picture.interactions.append(
                    .init(human: human, verb: verb, object: object, named: name))
            }
            pictures.append(picture)
        }
        (self.pictures, self.verbs, hasPairsOnly) = (pictures, verbs, true)
        annotatedPeople = pictures.map { Set($0.interactions.map(\.human)) }
    }

    // MARK: - The official form

    /// Reads the official `vcoco_*.json`, whose boxes are those of COCO's instances.
    ///
    /// - Parameter instances: Of all COCO photographs that the file names.
    /// - Returns: The photographs that the file names, in the order of the instances.
    /// - Throws: ``AnnotationError``.
    public init(official path: String, instances: COCOInstances) throws(AnnotationError) {
        try self.init(official: AnnotationNode(contentsOf: path), instances)
    }

    /// Reads the bytes of such a file.
    public init(
        parsingOfficial bytes: some Sequence<UInt8>, file: String, instances: COCOInstances
    ) throws(AnnotationError) {
        try self.init(official: AnnotationNode(parsing: bytes, file: file), instances)
    }

    init(official root: AnnotationNode, _ instances: COCOInstances) throws(AnnotationError) {
        var interactions: [Int: [AnnotatedPicture.Interaction]] = [:], people: [Int: Set<Int>] = [:]
        var verbs: [String] = []
        for action in try root.elements() {
            let name = try action.member("action_name").text()
            let roles = try action.member("role_name").texts()
            guard roles.first == "agent" else {
                throw try action.member("role_name").unexpected("a list that begins with \"agent\"")
            }
            let names = roles.count == 1 ? [name] : roles.dropFirst().map { "\(name) \($0)" }
            verbs += names
            let lists = try action.lists("image_id", "ann_id", "label")
            let count = lists[0].count
            // All agents, then all things of the first role, then those of the second.
            let things = try action.member("role_object_id").elements()
            guard things.count == roles.count * count else {
                throw action.error(
                    .lengths([
                        "role_object_id / \(roles.count) roles": things.count / roles.count,
                        "image_id": count,
                    ]))
            }
            for index in 0..<count {
                let image = try lists[0][index].integer()
                guard let picture = instances.pictureIndices[image] else {
                    throw lists[0][index].unexpected("the id of an image of the instances")
                }
                var found: [AnnotatedPicture.Interaction] = []
                let human = try Self.thing(lists[1][index], picture, instances)
                people[picture, default: []].insert(human)
                if try lists[2][index].integer(in: 0..<2) == 1 {
                    for (role, verb) in names.enumerated() {
                        var interaction = AnnotatedPicture.Interaction(
                            human: human, verb: verb, object: nil, named: nil)
                        if roles.count > 1 {
                            let node = things[(role + 1) * count + index]
                            // 0 stands for a thing that is out of sight.
                            if try node.integer() != 0 {
                                let object = try Self.thing(node, picture, instances)
                                interaction.object = object
                                interaction.objectName =
                                    instances.pictures[picture].things[object].category
                            }
                        }
                        found.append(interaction)
                    }
                }
                interactions[picture, default: []] += found
            }
        }
        let order = interactions.keys.sorted()
        annotatedPeople = order.map { people[$0]! }
        pictures = order.map { index in
            var picture = instances.pictures[index]
            picture.interactions = interactions[index]!
            picture.coverage = .everybody
            return picture
        }
        (self.verbs, hasPairsOnly) = (verbs, false)
    }

    private static func thing(
        _ node: AnnotationNode, _ picture: Int, _ instances: COCOInstances
    ) throws(AnnotationError) -> Int {
        guard let place = instances.places[try node.integer()], place.picture == picture else {
            throw node.unexpected("the id of an annotation of the same image")
        }
        return place.thing
    }
}
