// Where is the thing that a human does something to? One cyclic graph over geometry and words.
import Interaction
import Learning
import Networks
import Tensors

/// Trains one predictive-coding graph on pairs of humans and things, and asks it for places, verbs
/// and categories from whatever is known.
public struct PCContext: Experiment {
    public let name = "pc-context"
    public let claim =
        "one predictive-coding graph, queried by conditioning, says where a human's object is from"
        + " whatever is known of the pair"
    public let source =
        "Salvatori et al., Learning on Arbitrary Graph Topologies via Predictive Coding"
        + " (arXiv:2201.13180), query by conditioning; the application is ours"

    /// Photographs with annotations.
    let pictures: @Sendable (ExperimentSetting) throws -> [AnnotatedPicture]
    /// What looks at them; nil for annotations alone.
    let sight: @Sendable (ExperimentSetting) throws -> PCContextSight?

    /// The experiment on the list `hoi/train.jsonl` in the folder of data, looked at by our detector.
    public init() {
        self.init(
            pictures: {
                try AnnotatedPicture.list(contentsOf: "\(try Self.folder($0))/train.jsonl")
            },
            sight: {
                try PCContextSight(
                    detector: try ModelCatalogue.current.path(
                        of: "detector", advice: "'hoi models' lists those there are"),
                    folder: try Self.folder($0), threads: $0.threads)
            })
    }

    private static func folder(_ setting: ExperimentSetting) throws -> String {
        guard let folder = setting.data else {
            throw ExperimentError(
                "pc-context has no annotations: name a folder that holds hoi/train.jsonl")
        }
        return "\(folder)/hoi"
    }

    /// The experiment on annotations from elsewhere.
    init(
        pictures: @escaping @Sendable (ExperimentSetting) throws -> [AnnotatedPicture],
        sight: @escaping @Sendable (ExperimentSetting) throws -> PCContextSight? = { _ in nil }
    ) {
        (self.pictures, self.sight) = (pictures, sight)
    }

    /// What is known when the place is asked for.
    static let questions: [[String]] = [
        ["human"], ["human", "verb"], ["human", "object"], ["human", "verb", "object"],
        ["human", "appearance"], ["human", "verb", "appearance"],
    ]

    /// The answers that a detector looks again by; the last is that of the graph.
    static let lookedAgain = [
        "upper body", "mean of the verb", "network: human, verb",
        "network: human, verb, appearance",
        "graph: human, verb", "graph: human, verb, appearance",
    ]

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var pairs = PCContextPair.pairs(in: try pictures(setting))
        guard pairs.count >= 100 else {
            throw ExperimentError(
                "pc-context needs at least 100 pairs with boxes, not \(pairs.count):"
                    + " name other annotations")
        }
        let sight = try sight(setting)
        if let sight {
            pairs = try sight.looking(at: pairs) { setting.observe("looked at \($0) photographs") }
        }
        var recalls = PCContextRecalls()
        var scores: [String: [PCContextScore]] = [:]
        var words: [String: [Double]] = [:]
        for seed in 1...UInt64(max(setting.seeds, 1)) {
            setting.observe("seed \(seed)")
            let answers = try PCContextAnswers(pairs, seed: seed, threads: setting.threads)
            for (name, score) in answers.scores { scores[name, default: []].append(score) }
            for (name, part) in answers.words { words[name, default: []].append(part) }
            if let sight {
                setting.observe("seed \(seed): looking again")
                try recalls.append(answers, seenBy: sight)
            }
        }
        var result = report(scores, words, pairs)
        if sight != nil { recalls.report(to: &result) }
        return result
    }

    // MARK: - Report

    private func report(
        _ scores: [String: [PCContextScore]], _ words: [String: [Double]], _ pairs: [PCContextPair]
    ) -> ExperimentResult {
        func cell(_ values: [Double]) -> ResultCell {
            Spread(values).cell
        }
        func mean(_ name: String) -> Double {
            Spread(scores[name]!.map(\.either)).mean
        }
        var result = ExperimentResult()
        var places = ResultTable(
            "Where the object is, on photographs held out",
            columns: ["answer", "IoU >= 0.3", "centre inside", "either", "mean IoU"])
        for name in PCContextAnswers.order {
            guard let found = scores[name] else { continue }
            places.append(
                .text(name), cell(found.map(\.overlapping)), cell(found.map(\.centred)),
                cell(found.map(\.either)), cell(found.map(\.overlap)))
        }
        var guesses = ResultTable(
            "Words from the same graph (part that is right)", columns: ["answer", "right"])
        for (name, values) in words.sorted(by: { $0.key < $1.key }) {
            guesses.append(.text(name), cell(values))
        }
        result.tables = [places, guesses]
        let (graph, verb) = (mean("graph: human, verb"), mean("mean of the verb"))
        let (crop, network) = (mean("upper body"), mean("network: human, verb"))
        result.findings = [
            ResultFinding(
                "given human and verb the graph hits more often than the upper body,"
                    + " \(crop.fixed(4))", found: graph.fixed(4), holds: graph > crop),
            ResultFinding(
                "and more often than the mean place of the verb, \(verb.fixed(4))",
                found: graph.fixed(4), holds: graph > verb),
        ]
        result.notes = [
            "\(pairs.count) pairs; a fifth of the photographs is held out, another one per seed",
            "a network trained by backpropagation for this question alone hits"
                + " \(network.fixed(4)), the graph \(graph.fixed(4))",
        ]
        let chosen = pairs.count { $0.isChosen }
        if chosen > 0 {
            result.notes.append(
                "a program chose the boxes of \(chosen) things by their fit to the human: these"
                    + " figures compare answers, they are not the truth about people")
        }
        return result
    }
}
