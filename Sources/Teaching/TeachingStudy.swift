// What few photographs teach: memories beside what one would do without, chosen on some verbs, measured on others.
import Interaction
import Memory
import Tensors
import Terminal

/// Compares ways to tell interactions from few photographs.
///
/// Verbs are dealt out to four hands. On the verbs of two hands, held back in turn, the combination of similarity and
/// separation is chosen, and the penalty of the probe; figures are of the two other hands. A figure is the mean over
/// interactions of average precision, among the other photographs of all that was held back and a fifth of all others; its
/// spread is that over draws of the photographs that teach.
public struct TeachingStudy: Sendable {
    /// The hands that choices are made on, and those that are reported.
    static let choosing = [0, 3], reporting = [1, 2]

    /// Draws of the photographs that teach, for each figure.
    public var draws = 20
    /// How spaces are fitted.
    public var settings = LookSpaceSettings()
    /// Threads to compute with.
    public var threads = 1

    /// The usual study.
    public init() {}

    /// A mean over draws, and how much draws differ; in percent.
    public struct Figure: Sendable, Hashable {
        public let mean: Double, deviation: Double

        init(_ values: [Double]) {
            let count = Double(max(values.count, 1))
            let mean = values.reduce(0, +) / count
            self.mean = mean
            deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
        }
    }

    /// A way, and its figures for each number of photographs.
    public struct Row: Sendable {
        public let method: String, figures: [Int: Figure]
    }

    /// What was found.
    public struct Result: Sendable {
        /// Verbs on which choices were made, and on which figures are reported.
        public var chosenOn: [String] = [], reportedOn: [String] = []
        /// All combinations of similarity and separation, and the probes, on the former.
        public var choices: [Row] = []
        /// The best memory, and the alternatives, on the latter.
        public var rows: [Row] = []
        /// How much better the shipped way is than others by the same photographs, by number of photographs.
        public var gains: [Row] = []
        /// Mean average precision of the old verbs before anything is taught, and after.
        public var before: [Int: Figure] = [:], after: [Int: Figure] = [:]
        /// How many of 100 people of old verbs are said to do something that was taught, at a score of 0.2.
        public var alarms: [Int: Figure] = [:]
        /// How many of 100 people who do what was taught are said to, at a score of 0.2.
        public var found: [Int: Figure] = [:]
    }

    /// Measures.
    ///
    /// - Parameter progress: Told of how many of all trials are done.
    /// - Returns: nil where `shouldStop` says so.
    /// - Throws: `PlanError`.
    public func run(
        on people: KnownLooks, progress: (_ done: Int, _ all: Int) -> Void = { _, _ in },
        shouldStop: () -> Bool = { false }
    ) throws -> Result? {
        var result = Result()
        let candidates: [TeachingMethod] =
            Similarity.Measure.allCases.flatMap { measure in
                TeachingMethod.SeparationKind.allCases.map { .associative(measure, $0) }
            } + TeachingMethod.penalties.map { .probe(penalty: $0) }
            + TeachingMethod.penalties.map { .withThings(.probe(penalty: $0)) }
            + [.shipped, .looksAlone, .meansAmongUsual]
        let choiceDraws = min(draws, 3)
        var done = 0
        let all =
            Self.choosing.count * 2 * choiceDraws * candidates.count
            + Self.reporting.count * TeachingGround.counts.count * draws

        // Choices.
        var values: [TeachingMethod: [Int: [Double]]] = [:]
        for hand in Self.choosing {
            if shouldStop() { return nil }
            let ground = try TeachingGround(
                people, withholding: people.hands[hand], settings: settings, threads: threads)
            let usual = try ground.usualLooks(threads: threads)
            result.chosenOn += people.hands[hand].sorted()
            for photographs in [1, 5] {
                for draw in 0..<choiceDraws {
                    let trial = try ground.trial(
                        photographs: photographs, draw: draw, usual: usual)
                    for method in candidates {
                        if shouldStop() { return nil }
                        let scores = try method.scores(trial, threads: threads)
                        values[method, default: [:]][photographs, default: []].append(
                            Self.precision(scores, trial))
                        done += 1
                        progress(done, all)
                    }
                }
            }
        }
        func sum(_ method: TeachingMethod) -> Double {
            (values[method] ?? [:]).values.joined().reduce(0, +)
        }
        result.choices = candidates.map { method in
            Row(method: "\(method)", figures: (values[method] ?? [:]).mapValues { Figure($0) })
        }
        func best(_ isAsked: (TeachingMethod) -> Bool) -> TeachingMethod {
            candidates.filter(isAsked).max { sum($0) < sum($1) } ?? .shipped
        }
        let memory = best { if case .associative = $0 { true } else { false } }
        let probe = best { if case .probe = $0 { true } else { false } }
        let probeWithThings = best { if case .withThings(.probe) = $0 { true } else { false } }

        // Figures.
        let methods: [TeachingMethod] = [
            .shipped, .looksAlone, memory, .meansAmongUsual, .predictiveCoding, probe,
            probeWithThings, .nearestMean(isCosine: true), .nearestMean(isCosine: false),
            .withThings(.nearestMean(isCosine: true)), .chance,
        ]
        var figures: [TeachingMethod: [Int: [[Double]]]] = [:]
        var old: [Int: [(before: Double, after: Double, alarms: Double, found: Double)]] = [:]
        for hand in Self.reporting {
            if shouldStop() { return nil }
            let ground = try TeachingGround(
                people, withholding: people.hands[hand], settings: settings, threads: threads)
            let usual = try ground.usualLooks(threads: threads)
            result.reportedOn += people.hands[hand].sorted()
            let calibration = try calibration(people, without: hand)
            for photographs in TeachingGround.counts {
                for draw in 0..<draws {
                    if shouldStop() { return nil }
                    let trial = try ground.trial(
                        photographs: photographs, draw: draw, usual: usual)
                    for method in methods {
                        // A network learns for seconds: two draws say enough.
                        guard method != .predictiveCoding || draw < 2 else { continue }
                        let value = Self.precision(
                            try method.scores(trial, threads: threads), trial)
                        figures[method, default: [:]][photographs, default: []].append(
                            [value, Double(draw)])
                    }
                    old[photographs, default: []].append(
                        try oldVerbs(trial, calibration, photographs))
                    done += 1
                    progress(done, all)
                }
            }
        }
        /// The mean over hands of each draw.
        func byDraw(_ method: TeachingMethod, _ photographs: Int) -> [Double] {
            let some = figures[method]?[photographs] ?? []
            return Dictionary(grouping: some) { $0[1] }.sorted { $0.key < $1.key }.map {
                _, values in
                values.reduce(0) { $0 + $1[0] } / Double(values.count)
            }
        }
        for method in methods {
            result.rows.append(
                Row(
                    method: "\(method)",
                    figures: Dictionary(
                        uniqueKeysWithValues: TeachingGround.counts.map {
                            ($0, Figure(byDraw(method, $0)))
                        })))
            guard method != .shipped, method != .predictiveCoding, method != .chance else {
                continue
            }
            result.gains.append(
                Row(
                    method: "\(method)",
                    figures: Dictionary(
                        uniqueKeysWithValues: TeachingGround.counts.map { count in
                            (
                                count,
                                Figure(
                                    zip(byDraw(.shipped, count), byDraw(method, count)).map {
                                        $0 - $1
                                    })
                            )
                        })))
        }
        for (photographs, some) in old {
            result.before[photographs] = Figure(some.map(\.before))
            result.after[photographs] = Figure(some.map(\.after))
            result.alarms[photographs] = Figure(some.map(\.alarms))
            result.found[photographs] = Figure(some.map(\.found))
        }
        return result
    }

    // MARK: - Measures

    /// The mean over interactions of average precision, in percent.
    static func precision(_ scores: [Double], _ trial: TeachingGround.Trial) -> Double {
        precision(scores, trial.triplets, trial.truth)
    }

    static func precision(
        _ scores: [Double], _ triplets: [Triplet], _ truth: [Triplet?]
    ) -> Double {
        let width = triplets.count
        let found = triplets.indices.compactMap { column -> Double? in
            let order = truth.indices.sorted {
                let (a, b) = (scores[$0 * width + column], scores[$1 * width + column])
                return a != b ? a > b : $0 < $1
            }
            let hits = order.map { truth[$0] == triplets[column] }
            return elevenPointPrecision(hits: hits, total: hits.count { $0 })
        }
        return found.isEmpty ? 0 : 100 * found.reduce(0, +) / Double(found.count)
    }

    /// A calibration that has seen neither the verbs of a hand nor people who do them.
    private func calibration(
        _ people: KnownLooks, without hand: Int
    ) throws -> TeachingCalibration? {
        let verbs = people.hands[hand]
        let rows = people.doings.indices.filter {
            people.doings[$0].map { !verbs.contains($0.verb) } ?? true
        }
        return try TeachingCalibration(
            measuredOn: people.some(rows), settings: settings, draws: 2, threads: threads)
    }

    /// What teaching does to the old verbs, when a memory holds both: their precision before and after, and how many people
    /// are said to do something that was taught.
    private func oldVerbs(
        _ trial: TeachingGround.Trial, _ calibration: TeachingCalibration?, _ photographs: Int
    ) throws -> (before: Double, after: Double, alarms: Double, found: Double) {
        let known = trial.knownTriplets
        let knownThings = trial.space.things(of: [])
        func looks(
            _ codes: Tensor<Float>, _ things: [Int?], _ shown: [Int]
        ) throws -> [Double] {
            try TaughtLooks(
                codes, showing: shown, photographs: things.map { _ in photographs },
                things: things, beside: Tensor(shape: [0, trial.space.codeCount]),
                threads: threads
            ).evidence(for: trial.queries, near: trial.near).elements
        }
        let old = try looks(trial.space.known, knownThings, Array(known.indices))
        let width = known.count + trial.triplets.count
        let both = try looks(
            Tensor(
                trial.space.known.elements + trial.examples.elements,
                shape: [known.count + trial.shown.count, trial.space.codeCount]),
            knownThings + trial.things,
            Array(known.indices) + trial.shown.map { $0 + known.count })
        // Only those who do something old, or nothing, were there to be told before.
        let isAsked = trial.truth.map { doing in doing.map { !trial.triplets.contains($0) } ?? true
        }
        let rows = trial.truth.indices.filter { isAsked[$0] }
        let truth = rows.map { trial.truth[$0] }
        let before = Self.precision(
            rows.flatMap { row in known.indices.map { old[row * known.count + $0] } }, known, truth)
        let after = Self.precision(
            rows.flatMap { row in known.indices.map { both[row * width + $0] } }, known, truth)
        guard let calibration else { return (before, after, 0, 0) }
        let evidence = try trial.taught(threads: threads).evidence(
            for: trial.queries, near: trial.near
        ).elements
        func isSaid(_ row: Int, _ column: Int) -> Bool {
            calibration.probability(
                evidence[row * trial.triplets.count + column], examples: photographs) >= 0.2
        }
        let alarms = rows.count { row in trial.triplets.indices.contains { isSaid(row, $0) } }
        let taught = trial.truth.indices.filter { !isAsked[$0] }
        let found = taught.count { row in
            trial.triplets.indices.contains {
                trial.triplets[$0] == trial.truth[row] && isSaid(row, $0)
            }
        }
        return (
            before, after, 100 * Double(alarms) / Double(max(rows.count, 1)),
            100 * Double(found) / Double(max(taught.count, 1))
        )
    }
}
