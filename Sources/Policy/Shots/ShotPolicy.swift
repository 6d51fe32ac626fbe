// What each choice for a shot will bring and cost: a forest grown on outcomes, in a file.
import Enhancement
import Glibc
import Networks
import Tensors

/// Something that can be done with a shot: a choice, coded at a constant quality of x264.
public struct ShotAction: Sendable, Hashable {
    /// What is done, and the quality.
    public var choice: ShotChoice, quality: Double

    /// An action.
    public init(choice: ShotChoice, quality: Double) {
        (self.choice, self.quality) = (choice, quality)
    }
}

/// Choices, each at a few qualities that were tried, and at those between them.
public struct ShotGrid: Sendable, Hashable {
    /// The choices, and the qualities that each was tried at, rising.
    public let choices: [ShotChoice], qualities: [Double]
    /// All actions: each choice at each quality from the finest to the coarsest, in steps of one.
    public let actions: [ShotAction]

    /// The grid of these choices and qualities; nil where those are no grid.
    public init?(choices: [ShotChoice], qualities: [Double]) {
        guard !choices.isEmpty, let finest = qualities.first, let coarsest = qualities.last,
            zip(qualities, qualities.dropFirst()).allSatisfy({ $0 < $1 }), coarsest - finest < 64,
            qualities.allSatisfy({ (0...63).contains($0) })
        else { return nil }
        (self.choices, self.qualities) = (choices, qualities)
        let all = Array(stride(from: finest, through: coarsest, by: 1))
        actions = choices.flatMap { choice in
            all.map { ShotAction(choice: choice, quality: $0) }
        }
    }

    /// The grid that shots were tried on; nil where they were tried on none.
    public init?(of shot: ShotOutcomes) {
        var choices: [ShotChoice] = []
        for outcome in shot.outcomes where choices.last != outcome.choice {
            choices.append(outcome.choice)
        }
        guard !choices.isEmpty, shot.outcomes.count % choices.count == 0 else { return nil }
        let count = shot.outcomes.count / choices.count
        let qualities = shot.outcomes.prefix(count).map(\.quality)
        for (index, outcome) in shot.outcomes.enumerated() {
            guard outcome.choice == choices[index / count],
                outcome.quality == qualities[index % count]
            else { return nil }
        }
        self.init(choices: choices, qualities: qualities)
    }

    /// Numbers that were tried, for each choice and quality, as numbers of all actions: on lines between neighbours.
    func between(_ tried: [Double]) -> [Double] {
        let count = qualities.count, steps = actions.count / choices.count
        return actions.indices.map { index in
            let row = index / steps, quality = actions[index].quality
            let upper = min(qualities.firstIndex { $0 >= quality } ?? count - 1, count - 1)
            let value = tried[row * count + upper]
            guard upper > 0, qualities[upper] > quality else { return value }
            let span = qualities[upper] - qualities[upper - 1]
            let share = (qualities[upper] - quality) / span
            return value + share * (tried[row * count + upper - 1] - value)
        }
    }

    /// The actions at the quality that is nearest to one.
    func actions(near quality: Double) -> [Int] {
        let distance = actions.map { abs($0.quality - quality) }.min() ?? 0
        return actions.indices.filter { abs(actions[$0].quality - quality) <= distance }
    }
}

/// The unit of effort: what a model costs in full at balance 0 where frames need it.
public struct EffortUnit: Sendable, Hashable {
    /// That model, and seconds of a core for a luma pixel where outcomes were measured.
    public var model: String, seconds: Double
    /// What all models cost, in this unit.
    public var models: [String: Double]

    /// The unit of shots that were tried in the same ways: "live", or the model that there is.
    public init(of shots: [ShotOutcomes]) {
        let names = Set(shots.flatMap { $0.outcomes.compactMap(\.choice.model) })
        model = names.contains("live") ? "live" : names.min() ?? "none"
        let costs = names.reduce(into: [:]) { $0[$1] = Self.cost(of: $1, shots) }
        let unit = max(costs[model] ?? 0, 1e-12)
        seconds = unit
        models = costs.mapValues { $0 / unit }
    }

    init(model: String, seconds: Double, models: [String: Double]) {
        (self.model, self.seconds, self.models) = (model, seconds, models)
    }

    /// Seconds of the unit for a pixel on a machine where models take so many; by the ratio to others where its own model was
    /// not timed.
    public func seconds(whereModelsTake speeds: [String: Double]) -> Double {
        let others = models.compactMap { name, effort in
            speeds[name].map { $0 / max(effort, 1e-9) }
        }
        return max(speeds[model] ?? others.min() ?? 0, 1e-12)
    }

    /// Frames that need nothing cost nothing: what a model costs is seen on the upper half of the shots.
    private static func cost(of model: String, _ shots: [ShotOutcomes]) -> Double {
        let whole = ShotChoice(model: model, strength: 1, balance: .fixed(0))
        let costs = shots.compactMap { shot in
            shot.outcomes.first { $0.choice == whole }?.seconds
        }.sorted()
        return costs.isEmpty ? 0 : costs[costs.count * 3 / 4]
    }
}

extension ShotTable {
    /// What came of shots that were tried in the same ways.
    public init(_ shots: [ShotOutcomes], on grid: ShotGrid, unit: EffortUnit) {
        self.init(
            worth: shots.map { shot in grid.between(shot.outcomes.map(shot.worth)) },
            effort: shots.map { shot in
                grid.between(shot.outcomes.map { $0.seconds / unit.seconds })
            },
            // Bits fall by powers.
            bits: shots.map { shot in
                grid.between(shot.outcomes.map { log2($0.bits + 1e-5) }).map { exp2($0) - 1e-5 }
            }, weights: shots.map { _ in 1 })
    }
}

/// Foresees outcomes of shots from what is known of them without an original.
public struct ShotPolicy: Sendable {
    /// What can be done.
    public let grid: ShotGrid
    /// What effort is counted in.
    public let unit: EffortUnit
    private let forest: OutcomeForest

    /// Learns from shots that were tried in the same ways.
    ///
    /// - Parameter seed: Of the forest's random thresholds.
    public init(
        learning shots: [ShotOutcomes], on grid: ShotGrid, seed: UInt64 = 1, trees: Int = 100,
        least: Int = 5
    ) {
        precondition(!shots.isEmpty, "no shots to learn from")
        self.grid = grid
        let unit = EffortUnit(of: shots)
        self.unit = unit
        forest = OutcomeForest(
            states: shots.map(\.state.seen),
            outcomes: shots.map { shot in
                shot.outcomes.flatMap { outcome -> [Float] in
                    [
                        Float(shot.worth(outcome)),
                        Float(
                            log2(outcome.bits + 1e-4) - shot.state.codedBits(at: outcome.quality)),
                        Float(outcome.seconds / unit.seconds),
                    ]
                }
            }, trees: trees, least: least, seed: seed)
    }

    /// What is foreseen of each action for each shot.
    public func table(for states: [ShotState], weights: [Double]) -> ShotTable {
        let tried = grid.choices.flatMap { _ in grid.qualities }
        let rows = states.map { state in
            var row = forest.outcomes(of: state.seen).map(Double.init)
            for (index, quality) in tried.enumerated() {
                row[3 * index + 1] += state.codedBits(at: quality)
            }
            return row
        }
        func part(_ offset: Int) -> [[Double]] {
            rows.map { row in
                grid.between(stride(from: offset, to: row.count, by: 3).map { row[$0] })
            }
        }
        return ShotTable(
            worth: part(0), effort: part(2).map { $0.map { max(0, $0) } },
            bits: part(1).map { $0.map { max(0, exp2($0) - 1e-4) } }, weights: weights)
    }

    // MARK: - Files

    /// What the metadata of its files call it.
    public static let kind = "shots"

    /// Writes it to a safetensors file, replacing that at once or not at all.
    ///
    /// - Parameter notes: Further metadata: what it was learned from.
    /// - Throws: `FileWriteError`.
    public func write(to path: String, notes: [String: String] = [:]) throws(FileWriteError) {
        var metadata = notes
        metadata["percept.kind"] = Self.kind
        metadata["shots.version"] = "3"
        metadata["shots.state"] = ShotState.names.joined(separator: ";")
        metadata["shots.choices"] = grid.choices.map(\.word).joined(separator: ";")
        metadata["shots.qualities"] = grid.qualities.map { "\($0)" }.joined(separator: ";")
        metadata["shots.unit"] = "\(unit.model);\(unit.seconds)"
        metadata["shots.efforts"] =
            unit.models.sorted { $0.key < $1.key }.map { "\($0.key);\($0.value)" }
            .joined(separator: ";")
        try Safetensors.write(forest.tensors, metadata: metadata, to: path)
    }

    /// Reads a file.
    ///
    /// - Throws: `SafetensorsError` naming what is missing or does not fit.
    public init(contentsOf path: String) throws(SafetensorsError) {
        let file = try Safetensors(contentsOf: path)
        _ = try file.value("percept.kind", Self.kind) { $0 == Self.kind ? $0 : nil }
        _ = try file.value("shots.version", "version 3") { $0 == "3" ? $0 : nil }
        // What is known of a shot is another matter in another version of the program.
        let names = ShotState.names.joined(separator: ";")
        _ = try file.value("shots.state", names) { $0 == names ? $0 : nil }
        func words(_ text: String) -> [String] { text.split(separator: ";").map(String.init) }
        let choices = try file.value("shots.choices", "choices") { text in
            let all = words(text).compactMap(ShotChoice.init(word:))
            return all.count == words(text).count ? all : nil
        }
        let qualities = try file.value("shots.qualities", "qualities") { text in
            let all = words(text).compactMap { Double($0) }
            return all.count == words(text).count ? all : nil
        }
        guard let grid = ShotGrid(choices: choices, qualities: qualities) else {
            throw file.error(
                .metadata(
                    key: "shots.qualities", expected: "rising qualities", found: "\(qualities)"))
        }
        self.grid = grid
        let (model, seconds) = try file.value("shots.unit", "a model and seconds") { text in
            let parts = words(text)
            return parts.count == 2
                ? Double(parts[1]).flatMap { $0 > 0 ? (parts[0], $0) : nil } : nil
        }
        let models = try file.value("shots.efforts", "models and efforts") { text in
            let parts = words(text)
            guard parts.count % 2 == 0 else { return nil as [String: Double]? }
            return Dictionary(
                stride(from: 0, to: parts.count, by: 2).compactMap { index in
                    Double(parts[index + 1]).map { (parts[index], $0) }
                }, uniquingKeysWith: { first, _ in first })
        }
        unit = EffortUnit(model: model, seconds: seconds, models: models)
        forest = try OutcomeForest(
            file, stateCount: ShotState.seenCount,
            width: 3 * choices.count * qualities.count)
    }
}

extension ShotChoice {
    /// `live 0.5 auto`, as files of policies have it.
    var word: String { model.map { "\($0) \(strength) \(balance)" } ?? "skip" }

    /// A choice from its word; nil for other texts.
    init?(word: String) {
        if word == "skip" {
            self = .skip
            return
        }
        let parts = word.split(separator: " ")
        guard parts.count == 3, let strength = Float(parts[1]), (0...1).contains(strength),
            let balance = Balance(String(parts[2]))
        else { return nil }
        self.init(model: String(parts[0]), strength: strength, balance: balance)
    }
}
