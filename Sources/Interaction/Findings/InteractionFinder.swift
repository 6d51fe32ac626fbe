// From the things in a picture to what the people in it do.
import Glibc
import Tensors

/// Pairs every human with every other thing and tells what is done; where the head can tell it by looks, also what
/// people do with things that are not seen. Belongs to one thread.
///
/// - SeeAlso: The form of a finding's score is that of "Spatially conditioned graphs" (arXiv:2012.06060).
public final class InteractionFinder {
    /// What is looked for.
    public let rules: FindingRules
    /// Who tells more than the head does.
    private let further: (any FurtherFindings)?
    /// Whether the head is told how things look.
    private let looks: Bool
    private let scorer: BranchedScorer
    private let verbNames: [String]
    /// For each kind of thing, the verbs that may be said of it.
    private let verbsOfObject: [[Int]]
    /// What people may be said to do with things that are not seen: a verb of that branch, and what it is.
    private let doings: [(verb: Int, triplet: Triplet)]

    /// A finder with a trained head.
    ///
    /// - Throws: `PlanError`.
    public convenience init(
        _ model: PredicateModel, rules: FindingRules = FindingRules(), threads: Int = 1
    ) throws {
        try self.init(BranchedModel(model), rules: rules, threads: threads)
    }

    /// A finder with one branch or both.
    ///
    /// - Parameters:
    ///   - looks: Whether the head may be told how things look: not by another detector than it learned from.
    ///   - further: Who tells more by how people look.
    /// - Throws: `PlanError`.
    public init(
        _ branches: BranchedModel, rules: FindingRules = FindingRules(), threads: Int = 1,
        looks: Bool = true, further: (any FurtherFindings)? = nil
    ) throws {
        (self.rules, self.looks, self.further) = (rules, looks, further)
        let model = branches.geometry
        verbNames = model.verbNames
        scorer = try BranchedScorer(branches, threads: threads)
        verbsOfObject = COCO.categories.enumerated().map { object, name in
            guard rules.wants(object: object) else { return [] }
            return model.verbNames.indices.filter { verb in
                let name = Triplet(verb: model.verbNames[verb], object: name)
                return rules.wants(verb: name.verb)
                    && (!rules.isClosed || HICO.number(of: name) != nil)
            }
        }
        doings = (branches.people?.model.verbNames ?? []).enumerated().compactMap { verb, name in
            guard let triplet = Triplet(name), rules.wants(verb: triplet.verb),
                rules.wants(objectName: triplet.object)
            else { return nil }
            return (verb, triplet)
        }
    }

    /// What people do to the things in a picture, surest first.
    ///
    /// - Parameters:
    ///   - detections: Things in it, people included; kinds are indices into ``COCO/categories``.
    ///   - width: The picture's size in pixels.
    ///   - look: What boxes of the picture look like, as ``RegionReader`` says it; nil where boxes are all that is known.
    /// - Throws: `PlanError`; what `look` throws.
    public func callAsFunction(
        _ detections: [Detection], width: Int, height: Int,
        look: (([Box]) throws -> [[Float]])? = nil
    ) throws -> [Finding] {
        let things = rules.chosen(detections)
        let ownLook = looks ? look : nil
        var findings = try pairFindings(things, width: width, height: height, look: ownLook)
        if let look = ownLook {
            let known = Set(findings.map { Doing(human: $0.human, triplet: $0.triplet) })
            findings += try peopleFindings(things, width: width, height: height, look: look)
                .filter { !known.contains(Doing(human: $0.human, triplet: $0.triplet)) }
        }
        if let look, let further {
            let more = try further(things, width: width, height: height, look: look, rules)
            findings = Self.surest(findings, more)
        }
        findings.sort { ($0.score, $1.verb) > ($1.score, $0.verb) }
        return rules.limit.map { Array(findings.prefix($0)) } ?? findings
    }

    /// Both, but of what both say of one human what the surer says.
    private static func surest(_ findings: [Finding], _ more: [Finding]) -> [Finding] {
        func best(_ list: [Finding]) -> [Doing: Double] {
            Dictionary(
                list.map { (Doing(human: $0.human, triplet: $0.triplet), $0.score) },
                uniquingKeysWith: max)
        }
        let (known, added) = (best(findings), best(more))
        func isSurer(_ finding: Finding) -> Bool {
            let doing = Doing(human: finding.human, triplet: finding.triplet)
            return added[doing] ?? -1 > known[doing] ?? -1
        }
        return findings.filter { !isSurer($0) } + more.filter(isSurer)
    }

    /// What one human does.
    private struct Doing: Hashable {
        let human: Detection, triplet: Triplet
    }

    /// What people do to things that are seen.
    private func pairFindings(
        _ things: [Detection], width: Int, height: Int, look: (([Box]) throws -> [[Float]])?
    ) throws -> [Finding] {
        let wanted = HumanObjectPair.all(things).filter {
            !verbsOfObject[things[$0.object].category].isEmpty
        }
        guard !wanted.isEmpty else { return [] }
        let regions = look == nil ? nil : scorer.regions
        var seen: [[Float]] = []
        if let look, let regions {
            seen = try look(
                wanted.flatMap { pair in
                    regions.parts.map { $0.box(things[pair.human].box, things[pair.object].box) }
                })
        }
        var pairs = LabelledPairs(verbNames: verbNames, regions: regions)
        for (index, pair) in wanted.enumerated() {
            let count = regions?.parts.count ?? 0
            pairs.append(
                .init(picture: 0, pair: pair), object: things[pair.object].category, verbs: [],
                features: SpatialFeatures.values(
                    human: things[pair.human].box, object: things[pair.object].box, width: width,
                    height: height),
                appearance: seen[index * count..<(index + 1) * count].flatMap { $0 })
        }
        let probabilities = try scorer.probabilities(of: pairs).elements
        var findings: [Finding] = []
        for (index, place) in pairs.places.enumerated() {
            let human = things[place.pair.human], object = things[place.pair.object]
            let certainty = pow(human.score * object.score, rules.power)
            guard certainty >= rules.leastScore else { continue }
            for verb in verbsOfObject[object.category] {
                let likelihood = Double(probabilities[index * verbNames.count + verb])
                let score = certainty * likelihood
                guard score >= rules.leastScore else { continue }
                findings.append(
                    Finding(
                        human: human, object: object, verb: verbNames[verb],
                        verbScore: likelihood, score: score))
            }
        }
        return findings
    }

    /// What people do by their looks.
    private func peopleFindings(
        _ things: [Detection], width: Int, height: Int, look: ([Box]) throws -> [[Float]]
    ) throws -> [Finding] {
        let humans = things.indices.filter { things[$0].category == COCO.person }
        guard !doings.isEmpty, !humans.isEmpty, let model = scorer.model.people?.model,
            let regions = model.head.regions
        else { return [] }
        let scene = PredicateSubject.scene(width: width, height: height)
        let seen = try look(
            humans.flatMap { human in regions.parts.map { $0.box(things[human].box, scene) } })
        var people = LabelledPairs(
            verbNames: model.verbNames, regions: regions, subject: .people)
        for (index, human) in humans.enumerated() {
            let count = regions.parts.count
            people.append(
                .init(picture: 0, pair: .withScene(human, of: things.count)), object: COCO.person,
                verbs: [],
                features: SpatialFeatures.values(
                    human: things[human].box, object: scene, width: width, height: height),
                appearance: seen[index * count..<(index + 1) * count].flatMap { $0 })
        }
        guard let probabilities = try scorer.probabilities(ofPeople: people)?.elements else {
            return []
        }
        return humans.enumerated().flatMap { index, human in
            doings.compactMap { doing in
                let likelihood = Double(
                    probabilities[index * people.verbNames.count + doing.verb])
                let score = pow(things[human].score, rules.power) * likelihood
                guard score >= rules.leastScore else { return nil }
                return Finding(
                    human: things[human], doing: doing.triplet, verbScore: likelihood, score: score)
            }
        }
    }
}
