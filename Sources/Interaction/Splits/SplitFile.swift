// A split as a file: which combinations are kept for the test, and which photographs serve for what.
import Terminal

/// A split that can be kept, handed on and checked.
///
/// The file is JSON: `{"unseen": [{"verb": "ride", "object": "horse"}, ...], "training": ["a.jpg", ...], "test": [...]}`,
/// without the last two where it only says which combinations are kept.
public struct SplitFile: Sendable, Hashable {
    /// Photographs by the names that their data set gives them.
    public struct Photographs: Sendable, Hashable {
        /// For training, and for the test.
        public let training: [String], test: [String]

        /// Photographs by name.
        public init(training: [String], test: [String]) {
            (self.training, self.test) = (training, test)
        }
    }

    /// The combinations that are kept for the test.
    public let unseen: Set<Triplet>
    /// The photographs; nil where any may serve.
    public let photographs: Photographs?

    /// A split.
    public init(unseen: Set<Triplet>, photographs: Photographs? = nil) {
        (self.unseen, self.photographs) = (unseen, photographs)
    }

    /// Reads a file of the form that ``json`` has.
    ///
    /// - Parameter triplets: The combinations of the data set; one that is none of them is refused. Nil allows any.
    /// - Throws: ``AnnotationError``.
    public init(contentsOf path: String, of triplets: [Triplet]? = nil) throws(AnnotationError) {
        let root = try AnnotationNode(contentsOf: path)
        let known = triplets.map(Set.init)
        var unseen: Set<Triplet> = []
        for node in try root.member("unseen").elements() {
            let triplet = Triplet(
                verb: try node.member("verb").text(), object: try node.member("object").text())
            guard known?.contains(triplet) ?? true else {
                throw node.unexpected("a combination that the data set has")
            }
            unseen.insert(triplet)
        }
        self.unseen = unseen
        guard root.optional("training") != nil || root.optional("test") != nil else {
            photographs = nil
            return
        }
        photographs = Photographs(
            training: try root.member("training").texts(), test: try root.member("test").texts())
    }

    /// The file's content: combinations in the order of their verbs, photographs as given.
    public var json: JSONValue {
        let combinations = CompositionSplit.ordered(unseen).map { triplet -> JSONValue in
            .object([("verb", .string(triplet.verb)), ("object", .string(triplet.object))])
        }
        var members: [(String, JSONValue)] = [("unseen", .array(combinations))]
        if let photographs {
            members += [
                ("training", .array(photographs.training.map { .string($0) })),
                ("test", .array(photographs.test.map { .string($0) })),
            ]
        }
        return .object(members)
    }

    /// Those of the pictures that serve for training; all where any may.
    public func training(among pictures: [AnnotatedPicture]) -> [AnnotatedPicture] {
        Self.pictures(named: photographs?.training, among: pictures)
    }

    /// Those of the pictures that serve for the test; all where any may.
    public func test(among pictures: [AnnotatedPicture]) -> [AnnotatedPicture] {
        Self.pictures(named: photographs?.test, among: pictures)
    }

    private static func pictures(
        named names: [String]?, among pictures: [AnnotatedPicture]
    ) -> [AnnotatedPicture] {
        guard let names else { return pictures }
        let wanted = Set(names)
        return pictures.filter { wanted.contains($0.file) }
    }

    /// The photographs that the file names and that are not among the pictures of their side.
    public func missing(
        training: [AnnotatedPicture], test: [AnnotatedPicture]
    ) -> [SplitProblem] {
        guard let photographs else { return [] }
        return [(photographs.training, training), (photographs.test, test)].flatMap {
            names, pictures in
            let files = Set(pictures.map(\.file))
            return names.filter { !files.contains($0) }.map { SplitProblem.missing(file: $0) }
        }
    }
}
