// Answers to where an object is: by a predictive-coding graph, by networks, by means, by a crop.
import Interaction
import Learning
import Tensors

/// How often predicted boxes meet true ones.
struct PCContextScore: Sendable {
    /// Part of the boxes with an intersection over union of 0.3 or more.
    let overlapping: Double
    /// Part whose centre lies inside the true box.
    let centred: Double
    /// Part with one or the other.
    let either: Double
    /// Mean intersection over union.
    let overlap: Double

    init(_ boxes: [Box], _ pairs: [PCContextPair]) {
        let count = Double(pairs.count)
        let overlaps = zip(boxes, pairs).map { $0.isEmpty ? 0 : $0.overlap($1.object) }
        let hits = zip(boxes, pairs).map { box, pair in
            let (x, y) = ((box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2)
            let object = pair.object
            return x >= object.x1 && x <= object.x2 && y >= object.y1 && y <= object.y2
        }
        overlapping = Double(overlaps.count { $0 >= 0.3 }) / count
        centred = Double(hits.count { $0 }) / count
        either = Double(zip(overlaps, hits).count { $0 >= 0.3 || $1 }) / count
        overlap = overlaps.reduce(0, +) / count
    }
}

/// All answers for one partition of the photographs.
struct PCContextAnswers {
    /// By who answers.
    private(set) var scores: [String: PCContextScore] = [:]
    /// Part of the verbs and categories that are guessed right, by who answers.
    private(set) var words: [String: Double] = [:]
    /// The pairs that were asked about, and where each answer says that their things are.
    let asked: [PCContextPair]
    private(set) var boxes: [String: [Box]] = [:]

    /// Names of the answers in the order of the report.
    static let order =
        ["upper body", "mean of all", "mean of the verb"]
        + PCContext.questions.flatMap { known in
            ["graph", "network"].map { "\($0): \(known.joined(separator: ", "))" }
        }

    private static let hidden = 60
    private static let epochs = 40

    init(_ pairs: [PCContextPair], seed: UInt64, threads: Int) throws {
        var random = RandomSource(seed: seed)
        let photographs = Set(pairs.map(\.photograph)).sorted().shuffled(using: &random)
        let held = Set(photographs.prefix(photographs.count / 5))
        let train = pairs.filter { !held.contains($0.photograph) }
        let test = pairs.filter { held.contains($0.photograph) }
        let code = PCContextCode(train, using: &random)
        let (shown, asked) = (code.values(train), code.values(test))
        self.asked = test

        answerPlainly(train)

        let (verbs, categories) = (code.verbs.count, code.categories.count)
        let topology =
            shown["appearance"].map { looks in
                PCTopology.complete([
                    "human": 5, "verb": verbs, "object": categories, "place": 4,
                    "appearance": looks.shape[1], "hidden": Self.hidden, "one": 1,
                ])
            }
            ?? PCTopology.complete([
                "human": 5, "verb": verbs, "object": categories, "place": 4,
                "hidden": Self.hidden, "one": 1,
            ])
        var graph = PredictiveCodingGraph(PCEnergy(topology), using: &random)
        graph.threads = threads
        let one = { Tensor<Float>(repeating: 1, shape: [$0, 1]) }
        try graph.train(
            clamped: shown.merging(["one": one(train.count)]) { $1 },
            PCTraining(epochs: Self.epochs, decay: PCGraphs.decay), using: &random)
        func ask(_ known: [String], for group: String) throws -> Tensor<Float> {
            var values = asked.filter { known.contains($0.key) }
            values["one"] = one(test.count)
            return try graph.condition(on: values, PCGraphFigures.options(steps: 300))[group]
        }
        for known in PCContext.questions where known.allSatisfy({ shown[$0] != nil }) {
            let name = known.joined(separator: ", ")
            answer("graph: \(name)", code.boxes(try ask(known, for: "place"), for: test))
            // Like size: as many hidden vertices.
            let input = Self.joined(known.map { shown[$0]! })
            var network = BackpropagatedNet(
                [input.shape[1], Self.hidden, 4], .squares, threads: threads, using: &random)
            try network.train(
                input, to: shown["place"]!, epochs: Self.epochs, using: &random)
            answer(
                "network: \(name)",
                code.boxes(try network(Self.joined(known.map { asked[$0]! })), for: test))
        }

        for (group, known) in [
            ("verb", ["human", "object", "place"]), ("object", ["human", "verb", "place"]),
            ("object", ["human", "place"]),
        ] {
            let right = asked[group]!.largestColumns
            let name = "\(group) from \(known.joined(separator: ", "))"
            words["graph: \(name)"] = try ask(known, for: group).largestColumns
                .accuracy(against: right)
            var network = BackpropagatedNet(
                [
                    known.reduce(0) { $0 + shown[$1]!.shape[1] }, Self.hidden,
                    shown[group]!.shape[1],
                ],
                .classes, threads: threads, using: &random)
            try network.train(
                Self.joined(known.map { shown[$0]! }), to: shown[group]!, epochs: Self.epochs,
                using: &random)
            words["network: \(name)"] = try network(Self.joined(known.map { asked[$0]! }))
                .largestColumns.accuracy(against: right)
        }
    }

    /// Answers that need no network.
    private mutating func answerPlainly(_ train: [PCContextPair]) {
        func mean(_ pairs: [PCContextPair]) -> [Double] {
            let places = pairs.map(\.placeNumbers)
            return (0..<4).map { column in Spread(places.map { $0[column] }).mean }
        }
        let all = mean(train)
        let byVerb = Dictionary(grouping: train, by: \.verb).mapValues(mean)
        // The upper half of the human, half as wide again: what is held is there.
        answer(
            "upper body",
            asked.map { pair in
                let human = pair.human
                return Box(
                    max(human.x1 - human.width / 4, 0), human.y1,
                    min(human.x2 + human.width / 4, pair.width), human.y1 + human.height / 2)
            })
        answer("mean of all", asked.map { $0.box(at: all) })
        answer("mean of the verb", asked.map { $0.box(at: byVerb[$0.verb] ?? all) })
    }

    private mutating func answer(_ name: String, _ boxes: [Box]) {
        self.boxes[name] = boxes
        scores[name] = PCContextScore(boxes, asked)
    }

    /// Matrices side by side.
    private static func joined(_ parts: [Tensor<Float>]) -> Tensor<Float> {
        let rows = parts[0].shape[0]
        let elements = parts.map(\.elements)
        return Tensor(
            (0..<rows).flatMap { row in
                zip(parts, elements).flatMap { part, elements in
                    elements[row * part.shape[1]..<(row + 1) * part.shape[1]]
                }
            }, shape: [rows, parts.reduce(0) { $0 + $1.shape[1] }])
    }
}
