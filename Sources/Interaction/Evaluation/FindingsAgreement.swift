// How far findings in two versions of the same pictures agree.
import Tensors

/// What was found in one picture or frame.
public struct FoundInPicture: Sendable {
    /// The file, and seconds from the start of a video.
    public let image: String, time: Double?
    /// Things; nil where the file does not tell them.
    public let things: [Detection]?
    /// Who does what to what.
    public let pairs: [RelatedBoxes]

    /// What was found.
    public init(image: String, time: Double?, things: [Detection]?, pairs: [RelatedBoxes]) {
        (self.image, self.time, self.things, self.pairs) = (image, time, things, pairs)
    }

    /// Reads what `hoi detect` writes as JSON lines, with `--boxes` things, too; events are passed over.
    ///
    /// - Throws: ``AnnotationError``.
    public static func list(contentsOf path: String) throws(AnnotationError) -> [FoundInPicture] {
        var list: [FoundInPicture] = []
        let bytes = try AnnotationNode.bytes(of: path)
        for line in try AnnotationNode.lines(in: bytes, file: path) {
            guard line.optional("events") == nil else { continue }
            var things: [Detection]?
            if let boxes = line.optional("boxes") { things = try KnownDetections.things(of: boxes) }
            var pairs: [RelatedBoxes] = []
            for node in try line.member("interactions").elements() {
                guard let object = node.optional("object") else { continue }
                pairs.append(
                    RelatedBoxes(
                        Relation(
                            COCO.categories[COCO.person], try node.member("verb").text(),
                            try node.member("object_name").text()),
                        subject: try node.member("human").corners(), object: try object.corners()))
            }
            list.append(
                FoundInPicture(
                    image: try line.member("image").text(),
                    time: try line.optional("time")?.number(), things: things, pairs: pairs))
        }
        return list
    }
}

/// How much of what is found in one version of pictures is found in another, and the other way round.
///
/// Things agree where they are of one kind and overlap by a half; interactions where verb and kind of thing are the same
/// and both boxes overlap by a half. Each counts once.
public struct FindingsAgreement: Sendable, Equatable {
    /// Counts of one kind of finding.
    public struct Counts: Sendable, Equatable {
        /// Found in the version that is judged, in the reference, and in both.
        public var found = 0, wanted = 0, both = 0

        /// Both of found, and both of wanted; nil where there are none.
        public var precision: Double? { found > 0 ? Double(both) / Double(found) : nil }
        public var recall: Double? { wanted > 0 ? Double(both) / Double(wanted) : nil }
        /// The harmonic mean of the two; nil where nothing is in either.
        public var f1: Double? {
            found + wanted > 0 ? 2 * Double(both) / Double(found + wanted) : nil
        }

        static func + (a: Counts, b: Counts) -> Counts {
            Counts(found: a.found + b.found, wanted: a.wanted + b.wanted, both: a.both + b.both)
        }
    }

    /// People, all things (nil where a file does not tell them), and interactions.
    public var people: Counts?, things: Counts?
    public var interactions = Counts()

    /// Nothing yet.
    public init() {}

    /// Compares what was found, picture by picture.
    public init(_ found: FoundInPicture, with reference: FoundInPicture) {
        if let a = found.things, let b = reference.things {
            things = Self.counts(a, b) {
                $0.category == $1.category ? $0.box.overlap($1.box) : 0
            }
            people = Self.counts(
                a.filter { $0.category == COCO.person }, b.filter { $0.category == COCO.person }
            ) { $0.box.overlap($1.box) }
        }
        interactions = Self.counts(found.pairs, reference.pairs) {
            $0.relation == $1.relation
                ? min($0.subject.overlap($1.subject), $0.object.overlap($1.object)) : 0
        }
    }

    /// Of several pictures.
    public static func + (a: FindingsAgreement, b: FindingsAgreement) -> FindingsAgreement {
        var sum = FindingsAgreement()
        func added(_ a: Counts?, _ b: Counts?) -> Counts? {
            guard let a, let b else { return a ?? b }
            return a + b
        }
        sum.people = added(a.people, b.people)
        sum.things = added(a.things, b.things)
        sum.interactions = a.interactions + b.interactions
        return sum
    }

    /// Those that overlap most become couples first, each once.
    private static func counts<Item>(
        _ found: [Item], _ wanted: [Item], overlap: (Item, Item) -> Double
    ) -> Counts {
        var couples: [(overlap: Double, found: Int, wanted: Int)] = []
        for (index, item) in found.enumerated() {
            for (other, reference) in wanted.enumerated() {
                let overlap = overlap(item, reference)
                if overlap >= 0.5 { couples.append((overlap, index, other)) }
            }
        }
        couples.sort { ($0.overlap, $1.found, $1.wanted) > ($1.overlap, $0.found, $0.wanted) }
        var takenFound: Set<Int> = [], takenWanted: Set<Int> = []
        for couple in couples
        where !takenFound.contains(couple.found) && !takenWanted.contains(couple.wanted) {
            takenFound.insert(couple.found)
            takenWanted.insert(couple.wanted)
        }
        return Counts(found: found.count, wanted: wanted.count, both: takenFound.count)
    }
}

/// Two lists of findings that are not of the same pictures.
public struct AgreementError: Error, Equatable {
    /// What does not fit, in one line.
    public let problem: String
}

extension FindingsAgreement {
    /// Compares two lists, file by file in their order: files may be called otherwise, and their frames must be at the same
    /// times.
    ///
    /// - Returns: Each file of the reference.
    /// - Throws: ``AgreementError``.
    public static func byFile(
        _ found: [FoundInPicture], with reference: [FoundInPicture]
    ) throws(AgreementError) -> [(file: String, agreement: FindingsAgreement)] {
        guard found.count == reference.count else {
            throw AgreementError(
                problem: "\(found.count) pictures or frames beside \(reference.count)")
        }
        var files: [(file: String, agreement: FindingsAgreement)] = []
        var names: [String: String] = [:]
        for (own, other) in zip(found, reference) {
            let apart = abs((own.time ?? 0) - (other.time ?? 0))
            guard (own.time == nil) == (other.time == nil), apart < 0.1,
                names[other.image, default: own.image] == own.image
            else {
                throw AgreementError(
                    problem: "\(own.image) is not the same picture, or the same time, as "
                        + other.image)
            }
            names[other.image] = own.image
            let agreement = FindingsAgreement(own, with: other)
            if files.last?.file == other.image {
                files[files.count - 1].agreement = files.last!.agreement + agreement
            } else {
                files.append((other.image, agreement))
            }
        }
        return files
    }
}

extension FindingsAgreement {
    /// How much better one version agrees than another, in F1 of one kind of finding: the difference on all files, and the
    /// interval in which 95 of 100 lie on files drawn anew from these; nil where there is none.
    ///
    /// - SeeAlso: Efron and Tibshirani, "An introduction to the bootstrap" (1993), section 13.3.
    public static func difference(
        _ first: [FindingsAgreement], _ second: [FindingsAgreement], draws: Int = 2000,
        of kind: (FindingsAgreement) -> Counts?
    ) -> Estimate? {
        precondition(first.count == second.count, "other files")
        let counts = [first, second].map { $0.map { kind($0) ?? Counts() } }
        func difference(_ files: [Int]) -> Double? {
            let sums = counts.map { list in
                files.reduce(Counts()) { $0 + list[$1] }.f1
            }
            guard let a = sums[0], let b = sums[1] else { return nil }
            return a - b
        }
        guard let value = difference(Array(first.indices)) else { return nil }
        var random = RandomSource(seed: 1)
        let drawn = (0..<draws).compactMap { _ in
            difference(first.indices.map { _ in random.index(below: first.count) })
        }.sorted()
        guard let last = drawn.indices.last else { return nil }
        func quantile(_ share: Double) -> Double {
            drawn[Int((share * Double(last)).rounded())]
        }
        return Estimate(value: value, interval: quantile(0.025)...quantile(0.975))
    }
}
