// Which combinations of verb and object training may show, and which are kept for the test.
import Tensors

/// Combinations for training, and others for a test that asks for what was never seen.
///
/// The paper's kind of split is ``isCompositional``: each combination of the test is new, but its verb and its object are
/// known from others.
///
/// - SeeAlso: "Novel human-object interaction detection via adversarial domain generalization" (arXiv:2005.11406).
public struct CompositionSplit: Sendable, Hashable {
    /// What training shows, and what only the test shows.
    public let seen: Set<Triplet>, unseen: Set<Triplet>

    /// Keeps `unseen` of `all` for the test.
    public init(_ all: some Sequence<Triplet>, unseen: Set<Triplet>) {
        self.unseen = unseen
        seen = Set(all).subtracting(unseen)
    }

    /// Keeps `count` combinations for the test, drawn at random so that the split is compositional; nil where that
    /// many cannot be found.
    public init?(
        _ all: some Sequence<Triplet>, drawing count: Int, using random: inout RandomSource
    ) {
        let triplets = Set(all)
        var withVerb: [String: Int] = [:], withObject: [String: Int] = [:]
        for triplet in triplets {
            withVerb[triplet.verb, default: 0] += 1
            withObject[triplet.object, default: 0] += 1
        }
        var drawn: Set<Triplet> = []
        // Sets have no order: the same seed must draw the same.
        let order = triplets.sorted { ($0.verb, $0.object) < ($1.verb, $1.object) }
        for triplet in order.shuffled(using: &random) where drawn.count < count {
            guard withVerb[triplet.verb]! > 1, withObject[triplet.object]! > 1 else { continue }
            withVerb[triplet.verb]! -= 1
            withObject[triplet.object]! -= 1
            drawn.insert(triplet)
        }
        guard drawn.count == count else { return nil }
        self.init(triplets, unseen: drawn)
    }

    /// Combinations of the test whose verb no training combination has.
    public var withUnknownVerb: Set<Triplet> {
        let known = Set(seen.map(\.verb))
        return unseen.filter { !known.contains($0.verb) }
    }

    /// Combinations of the test whose object no training combination has.
    public var withUnknownObject: Set<Triplet> {
        let known = Set(seen.map(\.object))
        return unseen.filter { !known.contains($0.object) }
    }

    /// Whether each combination of the test has a verb and an object that training shows.
    public var isCompositional: Bool { withUnknownVerb.isEmpty && withUnknownObject.isEmpty }

    // MARK: - Photographs

    /// Divides photographs: those that show only what is kept for the test, and those that show nothing of it. Those
    /// that show both are in neither, and so are those without interactions.
    ///
    /// - SeeAlso: HICO-DET-SG (arXiv:2305.09948), section 3.
    public func divided(
        _ pictures: [AnnotatedPicture]
    ) -> (training: [AnnotatedPicture], test: [AnnotatedPicture]) {
        let shown = pictures.filter { !$0.triplets.isEmpty }
        return (
            shown.filter { $0.triplets.isDisjoint(with: unseen) },
            shown.filter { $0.triplets.isSubset(of: unseen) }
        )
    }

    /// Photographs for training without the pairs of boxes that show what is kept for the test. Such a pair loses
    /// all its verbs and is withheld, so that it is not taken for one that does nothing.
    public func withholding(from pictures: [AnnotatedPicture]) -> [AnnotatedPicture] {
        pictures.map { picture in
            var picture = picture
            let hidden = picture.interactions.filter {
                $0.triplet.map(unseen.contains) ?? false
            }
            guard !hidden.isEmpty else { return picture }
            let pairs = Set(hidden.compactMap(\.pair))
            picture.interactions.removeAll { interaction in
                interaction.triplet.map(unseen.contains) ?? false
                    || interaction.pair.map(pairs.contains) ?? false
            }
            picture.withheld.formUnion(pairs)
            return picture
        }
    }

    /// What is wrong with photographs as training and test of this split; empty where all is well.
    public func problems(
        training: [AnnotatedPicture], test: [AnnotatedPicture]
    ) -> [SplitProblem] {
        var problems: [SplitProblem] = []
        var verbs: Set<String> = [], objects: Set<String> = [], files: Set<String> = []
        for picture in training {
            files.insert(picture.file)
            for triplet in Self.ordered(picture.triplets) {
                verbs.insert(triplet.verb)
                objects.insert(triplet.object)
                if unseen.contains(triplet) {
                    problems.append(.unseenInTraining(triplet, file: picture.file))
                }
            }
        }
        var asked: Set<Triplet> = []
        for picture in test {
            if files.contains(picture.file) { problems.append(.inBoth(file: picture.file)) }
            for triplet in Self.ordered(picture.triplets) {
                if unseen.contains(triplet) {
                    asked.insert(triplet)
                } else {
                    problems.append(.seenInTest(triplet, file: picture.file))
                }
            }
        }
        for triplet in Self.ordered(asked) {
            if !verbs.contains(triplet.verb) { problems.append(.unknownVerb(triplet)) }
            if !objects.contains(triplet.object) { problems.append(.unknownObject(triplet)) }
        }
        return problems
    }

    /// The combinations that photographs show, in the order of their verbs.
    public static func combinations(of pictures: [AnnotatedPicture]) -> [Triplet] {
        ordered(pictures.reduce(into: []) { $0.formUnion($1.triplets) })
    }

    /// The places of the combinations that are kept for the test in a list of combinations.
    public func unseenNumbers(in triplets: [Triplet]) -> Set<Int> {
        Set(triplets.indices.filter { unseen.contains(triplets[$0]) })
    }

    static func ordered(_ triplets: Set<Triplet>) -> [Triplet] {
        triplets.sorted { ($0.verb, $0.object) < ($1.verb, $1.object) }
    }
}

/// What keeps photographs from being training and test of a split.
public enum SplitProblem: Sendable, Hashable, CustomStringConvertible {
    /// Training shows what is kept for the test.
    case unseenInTraining(Triplet, file: String)
    /// The test shows what training may show.
    case seenInTest(Triplet, file: String)
    /// A photograph is in both.
    case inBoth(file: String)
    /// No training photograph shows the verb, or the object, of a combination of the test.
    case unknownVerb(Triplet), unknownObject(Triplet)
    /// A photograph that the split names is not there.
    case missing(file: String)

    /// One line.
    public var description: String {
        switch self {
        case .unseenInTraining(let triplet, let file):
            "\(file) is for training and shows '\(triplet)', which is kept for the test"
        case .seenInTest(let triplet, let file):
            "\(file) is for the test and shows '\(triplet)', which training shows"
        case .inBoth(let file): "\(file) is both for training and for the test"
        case .unknownVerb(let triplet): "'\(triplet)': training never shows '\(triplet.verb)'"
        case .unknownObject(let triplet): "'\(triplet)': training never shows '\(triplet.object)'"
        case .missing(let file): "\(file) is named by the split and is not among the annotations"
        }
    }
}
