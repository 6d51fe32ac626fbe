// Looks of many people whose doing is known: what a space is fitted to and teaching is measured on.
import Interaction
import Tensors

/// The looks of people in annotated photographs, as they are and mirrored, and what they do.
public struct KnownLooks: Sendable {
    /// `[people, looks]`, as they are and mirrored.
    let plain: Tensor<Float>, mirrored: Tensor<Float>
    /// How near things of each kind are to them, `[people, kinds]`.
    let near: Tensor<Float>
    /// What each does; nil for those who do nothing that is known.
    public let doings: [Triplet?]
    /// Whether each is in the fifth of the photographs that is not learned from.
    public let isForMeasuring: [Bool]
    /// The digest of the detector that looked.
    let detector: String

    /// The people of photographs that were looked at, one doing each; nil where they were not looked at in the way that a
    /// ``PersonLook`` needs.
    public init?(_ seen: PhotographPairs) {
        guard seen.plain.subject == .people, let regions = seen.plain.regions,
            regions.cells == PersonLook.cells, let person = regions.parts.firstIndex(of: .human),
            let scene = regions.parts.firstIndex(where: { $0 != .human }),
            seen.plain.count == seen.mirrored.count,
            seen.plain.things.count == seen.plain.count * NearThings.count
        else { return nil }
        func looks(_ pairs: LabelledPairs) -> Tensor<Float> {
            var values: [Float] = []
            for row in 0..<pairs.count {
                let start = row * pairs.featureCount + SpatialFeatures.count
                func part(_ number: Int) -> ArraySlice<Float> {
                    let first = start + number * regions.partCount
                    return pairs.features[first..<first + regions.partCount]
                }
                values += PersonLook.values(person: part(person), scene: part(scene))
            }
            return Tensor(
                values,
                shape: [pairs.count, PersonLook.count(channels: regions.channels)])
        }
        (plain, mirrored) = (looks(seen.plain), looks(seen.mirrored))
        near = Tensor(seen.plain.things, shape: [seen.plain.count, NearThings.count])
        doings = (0..<seen.plain.count).map { row in
            seen.plain.verbs[row].first.flatMap { Triplet(seen.plain.verbNames[$0]) }
        }
        isForMeasuring = seen.plain.places.map {
            PhotographPairs.isForMeasuring(seen.files[$0.picture])
        }
        detector = seen.detector
    }

    /// The given looks.
    init(
        plain: Tensor<Float>, mirrored: Tensor<Float>, near: Tensor<Float>, doings: [Triplet?],
        isForMeasuring: [Bool], detector: String
    ) {
        self.near = near
        (self.plain, self.mirrored, self.doings) = (plain, mirrored, doings)
        (self.isForMeasuring, self.detector) = (isForMeasuring, detector)
    }

    /// Some of the people.
    func some(_ rows: [Int]) -> KnownLooks {
        KnownLooks(
            plain: Self.rows(plain, rows), mirrored: Self.rows(mirrored, rows),
            near: Self.rows(near, rows), doings: rows.map { doings[$0] },
            isForMeasuring: rows.map { isForMeasuring[$0] },
            detector: detector)
    }

    /// Number of people.
    public var count: Int { doings.count }

    /// The verbs, in alphabetical order, dealt out to four hands: every fourth to the same.
    public var hands: [Set<String>] {
        let verbs = Set(doings.compactMap { $0?.verb }).sorted()
        return (0..<4).map { hand in
            Set(verbs.indices.filter { $0 % 4 == hand }.map { verbs[$0] })
        }
    }

    /// Whether each hand has a verb that enough people do: else nothing can be held back and asked for.
    public var suffices: Bool {
        let counts = Dictionary(doings.compactMap { $0 }.map { ($0, 1) }, uniquingKeysWith: +)
        let often = Set(counts.filter { $0.value >= TeachingGround.leastPeople }.keys.map(\.verb))
        return hands.allSatisfy { !$0.isDisjoint(with: often) }
    }

    /// Some rows of looks.
    static func rows(_ looks: Tensor<Float>, _ rows: [Int]) -> Tensor<Float> {
        let width = looks.shape[1]
        return looks.withUnsafeBufferPointer { from in
            Tensor(shape: [rows.count, width]) { to in
                for (place, row) in rows.enumerated() {
                    for column in 0..<width {
                        to[place * width + column] = from[row * width + column]
                    }
                }
            }
        }
    }
}
