// Which experiments there are, and how one is found by its name.
import Terminal

/// The experiments.
public enum Laboratory {
    /// All of them, in the order in which they are listed.
    public static let experiments: [any Experiment] =
        [
            InfinitesimalLimit(),
            InfinitesimalTraining(),
            EquilibriumExperiment { try $0.digits() },
            ZeroDivergenceExact(),
            InferenceAccuracy(),
            ZeroDivergenceCost(),
            PCGraphs(),
            PCContext(),
            Survey(),
        ] + MemoryExperiments.all + PolicyExperiments.all

    /// Names of those that leave the choice of numbers.
    public static let choosingPrecision = experiments.filter { $0.precisions.count > 1 }.map(\.name)
}

extension ExperimentSetting {
    /// Says whether an experiment can be run so.
    ///
    /// - Throws: ``UnsuitedPrecision``.
    public func check(_ experiment: any Experiment) throws(UnsuitedPrecision) {
        guard let precision, !experiment.precisions.contains(precision) else { return }
        throw UnsuitedPrecision(experiment: experiment.name, precision: precision)
    }
}

/// Numbers that an experiment cannot compute with; prints as one line.
public struct UnsuitedPrecision: ExitCodeProviding, Hashable {
    /// Which experiment, and with what.
    public let experiment: String, precision: NumberPrecision

    /// 64.
    public var exitCode: Int32 { ExitCode.usage.rawValue }

    /// `il-accuracy does not compute with f64; …`
    public var description: String {
        "\(experiment) does not compute with \(precision.rawValue): --precision is for "
            + Laboratory.choosingPrecision.joined(separator: ", ")
    }
}

extension Sequence where Element == any Experiment {
    /// The experiments of these names, in the order given, each once.
    ///
    /// - Throws: ``UnknownExperiment`` for the first name that none has.
    public func named(_ names: [String]) throws(UnknownExperiment) -> [any Experiment] {
        var found: [any Experiment] = []
        for name in names where !found.contains(where: { $0.name == name }) {
            guard let experiment = first(where: { $0.name == name }) else {
                throw UnknownExperiment(name, among: map(\.name))
            }
            found.append(experiment)
        }
        return found
    }
}

/// A name that no experiment has; prints as one line.
public struct UnknownExperiment: ExitCodeProviding, Hashable {
    /// What was asked for.
    public let name: String
    /// Names that may have been meant, the likeliest first; three at most.
    public let near: [String]

    /// What may have been meant by `name`.
    init(_ name: String, among names: [String]) {
        self.name = name
        let typed = name.lowercased()
        // Comparing takes the square of the length, and nobody means anything by a long one.
        let likely = names.filter { candidate in
            guard (1...100).contains(typed.utf8.count) else { return false }
            return editDistance(typed, candidate) <= Swift.max(1, candidate.count / 3)
                || typed.count >= 3 && (candidate.contains(typed) || typed.hasPrefix(candidate))
        }
        near = Array(
            likely.sorted { (editDistance(typed, $0), $0) < (editDistance(typed, $1), $1) }.prefix(
                3))
    }

    /// 64.
    public var exitCode: Int32 { ExitCode.usage.rawValue }

    /// `no experiment is called 'zil'; did you mean zil-exact or zil-cost?`
    public var description: String {
        let start = "no experiment is called '\(printable(name))'; "
        guard let last = near.last else { return start + "'percept-lab list' names all" }
        let others = near.dropLast().joined(separator: ", ")
        return start + "did you mean \(others.isEmpty ? "" : others + " or ")\(last)?"
    }
}
