// Ways to tell taught interactions from few examples: memories, and what one would do without.
import Glibc
import Interaction
import Memory
import Tensors

/// A way to score taught interactions.
indirect enum TeachingMethod: Hashable, CustomStringConvertible {
    /// The memory that is shipped: ``TaughtLooks``.
    case shipped
    /// The same, not told what things are near.
    case looksAlone
    /// Another way, to whose score is added what things that are near speak for: as ``TaughtLooks`` weighs them.
    case withThings(TeachingMethod)
    /// An associative memory of all examples and usual looks, whose values say which interaction each shows.
    case associative(Similarity.Measure, SeparationKind)
    /// A network that remembers codes together with what they show, and completes the latter.
    case predictiveCoding
    /// The nearest mean of examples, by cosine or by Euclidean distance.
    case nearestMean(isCosine: Bool)
    /// Means of examples in a softmax with centres of everybody's codes: ``UsualLooks``.
    case meansAmongUsual
    /// Logistic regression of each interaction against all others, with so large a penalty.
    case probe(penalty: Double)
    /// Chance: as often as the interactions are there.
    case chance

    /// The second operation of a retrieval, its number chosen by how similarities spread.
    enum SeparationKind: String, CaseIterable {
        case identity
        case polynomial = "x^10"
        case logarithm = "log"
        case squareRoot = "root"
        case softmax, maximum
        case top = "top 10"
        case threshold
    }

    /// Penalties among which one is chosen.
    static let penalties: [Double] = [3, 10, 30, 100]

    var description: String {
        switch self {
        case .shipped: "means beside known doings, and the thing"
        case .looksAlone: "means beside known doings"
        case .withThings(let method): "\(method), and the thing"
        case .associative(let measure, let kind): "\(measure.rawValue), \(kind.rawValue)"
        case .predictiveCoding: "predictive coding"
        case .nearestMean(let isCosine): "nearest class mean, \(isCosine ? "cosine" : "Euclidean")"
        case .meansAmongUsual: "means among usual looks"
        case .probe(let penalty): "logistic probe, penalty \(Int(penalty))"
        case .chance: "chance"
        }
    }

    /// A score for each interaction, `[queries, interactions]`; larger is likelier.
    ///
    /// - Throws: `PlanError`.
    func scores(_ trial: TeachingGround.Trial, threads: Int) throws -> [Double] {
        switch self {
        case .shipped:
            return try trial.taught(threads: threads).evidence(
                for: trial.queries, near: trial.near
            ).elements
        case .looksAlone:
            return try trial.taught(threads: threads).evidence(for: trial.queries, near: nil)
                .elements
        case .withThings(let method): return try Self.withThings(method, trial, threads)
        case .associative(let measure, let kind):
            return try Self.associative(measure, kind, trial, threads)
        case .predictiveCoding: return try Self.predictiveCoding(trial, threads)
        case .nearestMean(let isCosine):
            let means = Self.means(trial, isUnit: isCosine)
            return try AssociativeMemory(
                means, similarity: isCosine ? .cosine : .euclidean, threads: threads
            ).similarities(to: trial.queries).elements.map(Double.init)
        case .meansAmongUsual: return try Self.meansAmongUsual(trial, threads)
        case .probe(let penalty):
            return try LogisticProbe(trial, penalty: penalty, threads: threads).scores(
                of: trial.queries, threads: threads)
        case .chance:
            return [Double](repeating: 0, count: trial.truth.count * trial.triplets.count)
        }
    }

    private static func withThings(
        _ method: TeachingMethod, _ trial: TeachingGround.Trial, _ threads: Int
    ) throws -> [Double] {
        // Cosines are weighed as those of what ships.
        let unit = method == .nearestMean(isCosine: true) ? TaughtLooks.contrast : 1
        let (near, things) = (trial.near.elements, trial.things)
        return try method.scores(trial, threads: threads).enumerated().map { place, score in
            let start = place / things.count * NearThings.count
            return unit * score
                + TaughtLooks.evidence(
                    of: things[place % things.count], near: near[start..<start + NearThings.count])
        }
    }

    private static func usual(_ trial: TeachingGround.Trial) -> UsualLooks {
        guard let usual = trial.usual else { preconditionFailure("a trial without usual looks") }
        return usual
    }

    private static func meansAmongUsual(
        _ trial: TeachingGround.Trial, _ threads: Int
    ) throws -> [Double] {
        let (width, usual) = (trial.triplets.count, usual(trial))
        let memory = try AssociativeMemory(
            Tensor(
                means(trial, isUnit: true).elements + usual.centres.elements,
                shape: [width + usual.centres.shape[0], trial.space.codeCount]),
            similarity: .cosine, threads: threads)
        let alike = try memory.similarities(to: trial.queries).elements
        return trial.truth.indices.flatMap { row -> [Double] in
            let logits = (0..<memory.count).map {
                TaughtLooks.contrast * Double(alike[row * memory.count + $0])
                    + ($0 < width ? 0 : usual.weight)
            }
            let total = log(logits.reduce(0) { $0 + exp($1) })
            return logits.prefix(width).map { $0 - total }
        }
    }

    private static func means(_ trial: TeachingGround.Trial, isUnit: Bool) -> Tensor<Float> {
        let units = TaughtLooks.means(
            of: trial.examples, showing: trial.shown, count: trial.triplets.count)
        guard !isUnit else { return units }
        let width = trial.space.codeCount
        var sums = [Float](repeating: 0, count: trial.triplets.count * width)
        for (row, interaction) in trial.shown.enumerated() {
            let share = 1 / Float(trial.shown.count { $0 == interaction })
            for column in 0..<width {
                sums[interaction * width + column] += share * trial.examples[row, column]
            }
        }
        return Tensor(sums, shape: units.shape)
    }

    // MARK: - Memories

    private static func associative(
        _ measure: Similarity.Measure, _ kind: SeparationKind, _ trial: TeachingGround.Trial,
        _ threads: Int
    ) throws -> [Double] {
        let (width, centres) = (trial.triplets.count, usual(trial).centres)
        let keys = suited(
            Tensor(
                trial.examples.elements + centres.elements,
                shape: [trial.shown.count + centres.shape[0], trial.space.codeCount]), measure)
        let queries = suited(trial.queries, measure)
        var values = [Float](repeating: 0, count: keys.shape[0] * (width + 1))
        for row in 0..<keys.shape[0] {
            let column = row < trial.shown.count ? trial.shown[row] : width
            values[row * (width + 1) + column] = 1
        }
        let (similarity, separation) = try operations(measure, kind, keys, queries, threads)
        let memory = try AssociativeMemory(
            keys, values: Tensor(values, shape: [keys.shape[0], width + 1]),
            similarity: similarity, separation: separation, projection: .mean, threads: threads)
        let answers = try memory.retrieve(queries).elements
        return trial.truth.indices.flatMap { row in
            (0..<width).map { Double(answers[row * (width + 1) + $0]) }
        }
    }

    /// Codes in a form that a measure can take: signs where entries are counted, and distributions over how far entries
    /// lie above and below 0.
    private static func suited(
        _ codes: Tensor<Float>, _ measure: Similarity.Measure
    ) -> Tensor<Float> {
        if measure == .hamming { return codes.map { $0 < 0 ? -1 : 1 } }
        guard measure.comparesDistributions else { return codes }
        let width = codes.shape[1]
        let values = codes.elements
        return Tensor(shape: [codes.shape[0], 2 * width]) { parts in
            for row in 0..<codes.shape[0] {
                for column in 0..<width {
                    let value = values[row * width + column]
                    parts[2 * row * width + column] = max(value, 0)
                    parts[(2 * row + 1) * width + column] = max(-value, 0)
                }
            }
        }
    }

    /// The operations of a kind: numbers of softmax and threshold go by the spread of similarities, powers and the like take
    /// reciprocals of distances.
    private static func operations(
        _ measure: Similarity.Measure, _ kind: SeparationKind, _ keys: Tensor<Float>,
        _ queries: Tensor<Float>, _ threads: Int
    ) throws -> (Similarity, Separation) {
        let plain = Similarity(measure), published = Similarity.published(measure)
        func spread() throws -> (mean: Double, deviation: Double) {
            let some = KnownLooks.rows(queries, Array(0..<min(queries.shape[0], 100)))
            let values = try AssociativeMemory(keys, similarity: plain, threads: threads)
                .similarities(to: some).elements.map(Double.init)
            let mean = values.reduce(0, +) / Double(values.count)
            let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return (mean, (square / Double(values.count)).squareRoot())
        }
        switch kind {
        case .identity: return (published, .identity)
        case .polynomial: return (published, .polynomial(10))
        case .logarithm: return (published, .logarithm)
        case .squareRoot: return (published, .squareRoot)
        case .softmax: return (plain, .softmax(try 1 / max(spread().deviation, 1e-9)))
        case .maximum: return (plain, .maximum)
        case .top: return (plain, .top(10))
        case .threshold:
            let (mean, deviation) = try spread()
            return (plain, .threshold(mean + deviation))
        }
    }

    /// Codes and what they show as one pattern, of which the latter is completed.
    private static func predictiveCoding(
        _ trial: TeachingGround.Trial, _ threads: Int
    ) throws -> [Double] {
        let (width, codes) = (trial.triplets.count, trial.space.codeCount)
        let all = codes + width
        // Entries of a code of the length 1 are small beside 1.
        let scale = Float(codes).squareRoot() / 4
        func patterns(_ rows: Tensor<Float>, _ shown: [Int]?) -> Tensor<Float> {
            Tensor(shape: [rows.shape[0], all]) { patterns in
                for row in 0..<rows.shape[0] {
                    for column in 0..<codes {
                        patterns[row * all + column] = scale * rows[row, column]
                    }
                    for column in 0..<width {
                        patterns[row * all + codes + column] = shown?[row] == column ? 1 : 0
                    }
                }
            }
        }
        var random = RandomSource(seed: 1)
        var memory = PredictiveCodingMemory(GenerativeNetwork([64, 128, all]), using: &random)
        memory.threads = threads
        try memory.store(
            patterns(trial.examples, trial.shown), MemoryTraining(epochs: 300))
        let known = Tensor<Float>(shape: [1, all]) { known in
            for column in 0..<all { known[column] = column < codes ? 1 : 0 }
        }
        let completed = try memory.complete(
            patterns(trial.queries, nil), knowing: known, .init(steps: 60)
        ).elements
        return trial.truth.indices.flatMap { row in
            (0..<width).map { Double(completed[row * all + codes + $0]) }
        }
    }
}
