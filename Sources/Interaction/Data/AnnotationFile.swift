// Annotated interactions of any data set, told apart by what is in the file.
import Terminal

/// A file of annotated interactions, in one of the forms that are read here.
public enum AnnotationFile: Sendable {
    /// HICO-DET, as github.com/fredzzhang/hicodet writes it.
    case hicodet(HICODET)
    /// HICO-DET's photographs in the form of PPDM and HOI-A, as HICO-DET-SG has them.
    case hicodetSG(HICODETSG)
    /// V-COCO: the official form, or pairs.
    case vcoco(VCOCO)
    /// Our own list of photographs.
    case list([AnnotatedPicture])

    /// Reads a file in whatever form it is.
    ///
    /// - Parameter instances: COCO's instances, where V-COCO's official form has its boxes; needed for nothing else.
    /// - Throws: ``AnnotationError``.
    public init(
        contentsOf path: String, instances: String? = nil
    ) throws(AnnotationError) {
        let bytes = try AnnotationNode.bytes(of: path)
        guard !Self.isList(bytes) else {
            self = .list(try AnnotatedPicture.list(in: bytes, file: path))
            return
        }
        let root = try AnnotationNode(parsing: bytes, file: path)
        let first = root.value.elements?.first
        if root.optional("correspondence") != nil {
            self = .hicodet(try HICODET(root))
        } else if root.optional("classes") != nil {
            self = .vcoco(try VCOCO(pairs: root))
        } else if root.optional("image") != nil {
            self = .list(try AnnotatedPicture.list(in: bytes, file: path))
        } else if first?["action_name"] != nil {
            guard let instances else { throw root.error(.instancesNeeded) }
            self = .vcoco(
                try VCOCO(official: root, COCOInstances(contentsOf: instances)))
        } else if first?["hoi_annotation"] != nil {
            self = .hicodetSG(try HICODETSG(root, HICO.verbs))
        } else {
            throw root.unexpected(
                "annotations of HICO-DET or V-COCO, or lines with image and boxes")
        }
    }

    /// Whether there are several lines and the first is a photograph.
    private static func isList(_ bytes: [UInt8]) -> Bool {
        let start = bytes.firstIndex { $0 > 0x20 } ?? bytes.endIndex
        guard let end = bytes[start...].firstIndex(of: 0x0A),
            bytes[end...].contains(where: { $0 > 0x20 })
        else { return false }
        return (try? JSONValue(parsing: bytes[start..<end]))?["image"] != nil
    }

    /// The photographs.
    public var pictures: [AnnotatedPicture] {
        switch self {
        case .hicodet(let set): set.pictures
        case .hicodetSG(let set): set.pictures
        case .vcoco(let set): set.pictures
        case .list(let pictures): pictures
        }
    }

    /// The data set's own list of combinations; nil where it has none.
    public var listedTriplets: [Triplet]? {
        switch self {
        case .hicodet(let set): set.triplets
        case .hicodetSG: HICO.triplets
        case .vcoco, .list: nil
        }
    }
}
