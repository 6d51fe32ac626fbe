// Draws what a step of training sees.
import Tensors

/// Draws pairs for the verbs' loss, and others for alignment, as inputs of a ``PredicateStep``.
struct PredicateSampler: Sendable {
    private let pairs: LabelledPairs
    private let settings: PredicateSettings
    private let positives: [Int], negatives: [Int]
    /// For each object a number for each verb: whether its absence is known.
    private let known: [[Float]]
    /// What alignment draws from.
    let cells: DomainCells
    /// What the verbs' loss draws positives from where combinations are made more even; nil where they are not.
    private let verbCells: DomainCells?
    /// For each verb with something to be aligned p(object | verb), smoothed.
    private let priors: [Int: [Float]]

    /// A sampler of pairs.
    ///
    /// - Parameter split: the combinations that training may show, and those that it may not.
    init(_ pairs: LabelledPairs, _ split: CompositionSplit, _ settings: PredicateSettings) {
        self.pairs = pairs
        self.settings = settings
        positives = pairs.verbs.indices.filter { !pairs.verbs[$0].isEmpty }
        negatives = pairs.verbs.indices.filter { pairs.verbs[$0].isEmpty }
        known = COCO.categories.map { object in
            pairs.verbNames.map { verb in
                let triplet = Triplet(verb: verb, object: object)
                let isKnown =
                    switch settings.absence {
                    case .knownWhereSeen: split.seen.contains(triplet)
                    case .knownUnlessKept: !split.unseen.contains(triplet)
                    case .known: true
                    }
                return isKnown ? 1 : 0
            }
        }
        let cells = DomainCells(pairs, balance: settings.balance)
        self.cells = cells
        verbCells =
            settings.verbBalance < 1
            ? DomainCells(pairs, balance: settings.verbBalance, least: 1, leastObjects: 1) : nil
        let smoothing = settings.smoothing
        let verbs = cells.verbs.map { cells.cells[$0.lowerBound].verb }
        priors = Dictionary(
            uniqueKeysWithValues: verbs.map { verb in
                (verb, Self.smoothed(cells.prior(ofVerb: verb)!, smoothing))
            })
    }

    /// Whether there is nothing to learn from.
    var isEmpty: Bool { positives.isEmpty }

    /// The inputs of one step.
    func draw(
        step: Int, using random: inout RandomSource
    ) -> [String: Tensor<Float>] {
        let drawn = (0..<settings.positives + settings.negatives).map { index in
            let isPositive = index < settings.positives || negatives.isEmpty
            if isPositive, let verbCells { return verbCells.draw(using: &random).pair }
            let list = isPositive ? positives : negatives
            return list[random.index(below: list.count)]
        }
        let verbCount = pairs.verbNames.count
        var inputs = ["features": features(drawn)]
        inputs["labels"] = rows(drawn, verbCount) { pair, row in
            for verb in pairs.verbs[pair] { row[verb] = 1 }
        }
        inputs["known"] = rows(drawn, verbCount) { pair, row in
            for (verb, value) in known[pairs.objects[pair]].enumerated() { row[verb] = value }
            for verb in pairs.verbs[pair] { row[verb] = 1 }
        }
        if settings.objective.readsObject {
            inputs["objects"] = rows(drawn, COCO.categories.count) { pair, row in
                row[pairs.objects[pair]] = 1
            }
        }
        guard settings.objective.aligns else { return inputs }
        inputs["lambda"] = Tensor(
            Float(settings.alignment.weight(at: step, of: settings.steps)))
        let draws = alignedDraws(using: &random)
        inputs["aligned.features"] = features(draws.map(\.pair))
        if settings.objective.isAdversarial {
            inputs["aligned.objects"] = rows(draws, COCO.categories.count) { draw, row in
                let rest = Float(settings.smoothing) / Float(row.count)
                for index in row.indices { row[index] = rest }
                row[draw.object] += 1 - Float(settings.smoothing)
            }
        }
        if settings.objective.readsVerb {
            inputs["aligned.verbs"] = rows(draws, verbCount) { draw, row in row[draw.verb] = 1 }
        }
        if settings.objective == .klprior {
            inputs["aligned.priors"] = rows(draws, COCO.categories.count) { draw, row in
                for (index, value) in priors[draw.verb]!.enumerated() { row[index] = value }
            }
        }
        return inputs
    }

    private func alignedDraws(using random: inout RandomSource) -> [DomainCells.Draw] {
        guard settings.objective == .coral else {
            return (0..<settings.aligned).map { _ in cells.draw(using: &random) }
        }
        let size = PredicateSettings.groupSize
        return (0..<settings.aligned / (2 * size)).flatMap { _ in
            let groups = cells.drawTwo(size, using: &random)
            return groups.first + groups.second
        }
    }

    private static func smoothed(_ prior: [Double], _ smoothing: Double) -> [Float] {
        prior.map { Float((1 - smoothing) * $0 + smoothing / Double(prior.count)) }
    }

    private func features(_ drawn: [Int]) -> Tensor<Float> {
        let width = settings.regions?.featureCount ?? SpatialFeatures.count
        return rows(drawn, width) { pair, row in
            let start = pair * pairs.featureCount
            for column in 0..<width { row[column] = pairs.features[start + column] }
        }
    }

    /// A row of zeros for each of `items`, that `fill` writes to.
    private func rows<Item>(
        _ items: [Item], _ width: Int,
        _ fill: (Item, _ row: UnsafeMutableBufferPointer<Float>) -> Void
    ) -> Tensor<Float> {
        Tensor(shape: [items.count, width]) { target in
            target.update(repeating: 0)
            for (index, item) in items.enumerated() {
                let start = index * width
                fill(item, UnsafeMutableBufferPointer(rebasing: target[start..<start + width]))
            }
        }
    }
}
