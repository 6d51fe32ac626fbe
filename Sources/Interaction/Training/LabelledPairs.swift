// Pairs of humans and things in photographs, each with what is known to happen.
import Tensors

/// All pairs of humans and things of annotated photographs, in numbers, with the verbs of each.
///
/// Annotators draw a box for each interaction, so that one thing has several that are nearly the same: of those the
/// first stays. A pair has the verbs of all annotated pairs that it overlaps by a half, with both boxes, as the
/// evaluation asks; a pair without is one that nobody annotated. Pairs that are withheld are not there.
public struct LabelledPairs: Sendable {
    /// Where a pair was found: in which photograph, and which of its things.
    public struct Place: Sendable, Hashable {
        /// An index into the photographs.
        public let picture: Int
        /// Indices into its things.
        public let pair: HumanObjectPair
    }

    /// Names of the verbs; where people are told of alone, of verb and thing: `play guitar`.
    public let verbNames: [String]
    /// Whether pairs are of a person and a thing, or of a person and the whole picture.
    public let subject: PredicateSubject
    /// Where each pair is.
    public private(set) var places: [Place] = []
    /// What else than boxes is known of each pair; nil for nothing.
    public let regions: RegionShape?
    /// ``featureCount`` numbers of each pair: its ``SpatialFeatures``, then those of ``regions``.
    public private(set) var features: [Float] = []
    /// Of people, the ``NearThings`` of each; empty where they were not looked for.
    public private(set) var things: [Float] = []
    /// The kind of thing of each pair, as an index into ``COCO/categories``.
    public private(set) var objects: [Int] = []
    /// What happens in each pair, as indices into the names.
    public private(set) var verbs: [[Int]] = []

    /// Two boxes of one kind that overlap more are the same thing.
    static let sameThing = 0.5
    /// How much each box of a pair must overlap that of an annotated one.
    static let samePair = 0.5

    /// No pairs yet.
    init(
        verbNames: [String], regions: RegionShape? = nil, subject: PredicateSubject = .pairs
    ) {
        (self.verbNames, self.regions, self.subject) = (verbNames, regions, subject)
    }

    /// Numbers of each pair.
    public var featureCount: Int { regions?.featureCount ?? SpatialFeatures.count }

    /// The pairs of those photographs whose size is known and in which everybody's interactions are.
    ///
    /// Things that COCO does not know and verbs without a name here are left out.
    public init(_ pictures: [AnnotatedPicture], verbNames: [String]) {
        (self.verbNames, regions, subject) = (verbNames, nil, .pairs)
        let numbers = Dictionary(uniqueKeysWithValues: verbNames.enumerated().map { ($1, $0) })
        for (index, picture) in pictures.enumerated() {
            guard picture.coverage == .everybody, let width = picture.width,
                let height = picture.height
            else { continue }
            let annotated = picture.interactions.compactMap { interaction in
                interaction.pair.flatMap { pair in numbers[interaction.verb].map { (pair, $0) } }
            }
            for pair in picture.distinctPairs {
                guard let object = COCO.index(of: picture.things[pair.object].category),
                    !picture.withheld.contains(where: { picture.isSame(pair, $0) })
                else { continue }
                let verbs = annotated.filter { picture.isSame(pair, $0.0) }.map(\.1)
                append(
                    Place(picture: index, pair: pair), object: object,
                    verbs: Set(verbs).sorted(),
                    features: SpatialFeatures.values(
                        human: picture.things[pair.human].box,
                        object: picture.things[pair.object].box, width: width, height: height))
            }
        }
    }

    /// Number of pairs.
    public var count: Int { objects.count }

    /// Appends a pair.
    ///
    /// - Parameters:
    ///   - features: ``SpatialFeatures``.
    ///   - appearance: ``RegionShape/count`` numbers, where there are regions.
    ///   - things: ``NearThings``, of all pairs or of none.
    mutating func append(
        _ place: Place, object: Int, verbs: [Int], features: [Double], appearance: [Float] = [],
        things: [Float] = []
    ) {
        precondition(
            features.count == SpatialFeatures.count && appearance.count == regions?.count ?? 0,
            "\(features.count) and \(appearance.count) features")
        places.append(place)
        objects.append(object)
        self.verbs.append(verbs)
        self.features += features.map(Float.init)
        self.features += appearance
        self.things += things
    }

    /// Appends pairs as ``PhotographPairs`` writes them.
    mutating func append(rows: [[Int]], features: [Float], things: [Float]) {
        for row in rows {
            guard row[5] == 1 else {
                verbs[verbs.count - 1].append(row[4])
                continue
            }
            places.append(
                Place(picture: row[0], pair: HumanObjectPair(human: row[1], object: row[2])))
            objects.append(row[3])
            verbs.append(row[4] < 0 ? [] : [row[4]])
        }
        self.features += features
        self.things += things
    }

    /// These pairs and others that are described alike.
    func appending(_ other: LabelledPairs) -> LabelledPairs {
        precondition(
            other.verbNames == verbNames && other.regions == regions && other.subject == subject,
            "other kinds of pairs")
        var both = self
        both.places += other.places
        both.objects += other.objects
        both.verbs += other.verbs
        both.features += other.features
        both.things += other.things
        return both
    }

    /// Those pairs that `isWanted` says yes to.
    public func filtered(_ isWanted: (Int) -> Bool) -> LabelledPairs {
        var some = LabelledPairs(verbNames: verbNames, regions: regions, subject: subject)
        for index in 0..<count where isWanted(index) {
            some.places.append(places[index])
            some.objects.append(objects[index])
            some.verbs.append(verbs[index])
            some.features += features[index * featureCount..<(index + 1) * featureCount]
            guard !things.isEmpty else { continue }
            some.things += things[index * NearThings.count..<(index + 1) * NearThings.count]
        }
        return some
    }

    /// The combinations that the pairs show.
    public var triplets: Set<Triplet> {
        (0..<count).reduce(into: []) { $0.formUnion(triplets(of: $1)) }
    }

    /// The combinations that a pair shows.
    public func triplets(of index: Int) -> Set<Triplet> {
        Set(
            verbs[index].map { verb in
                switch subject {
                case .pairs:
                    Triplet(verb: verbNames[verb], object: COCO.categories[objects[index]])
                case .people: Triplet(verbNames[verb])!
                }
            })
    }

    /// The name under which a combination is told.
    func name(of triplet: Triplet) -> String {
        subject == .people ? triplet.description : triplet.verb
    }
}

extension AnnotatedPicture {
    /// Each human with each other thing, things that were boxed twice taken once.
    var distinctPairs: [HumanObjectPair] {
        var kept: [Int] = []
        for (index, thing) in things.enumerated() {
            let isRepeated = kept.contains {
                things[$0].category == thing.category
                    && things[$0].box.overlap(thing.box) > LabelledPairs.sameThing
            }
            if !isRepeated, !thing.box.isEmpty { kept.append(index) }
        }
        let person = COCO.categories[COCO.person]
        return HumanObjectPair.all(kept.map { things[$0].category == person }).map {
            HumanObjectPair(human: kept[$0.human], object: kept[$0.object])
        }
    }

    /// Whether two pairs are of the same kind and lie at the same place.
    func isSame(_ a: HumanObjectPair, _ b: HumanObjectPair) -> Bool {
        let (first, second) = (things[a.object], things[b.object])
        return first.category == second.category
            && first.box.overlap(second.box) >= LabelledPairs.samePair
            && things[a.human].box.overlap(things[b.human].box) >= LabelledPairs.samePair
    }
}
