// A way to train a predicate head that a study tries.

/// An objective and what else is different, written `klprior:lambda=0.1,layer=0`.
public struct PredicateVariant: Sendable, Hashable, CustomStringConvertible {
    /// What for.
    public let objective: PredicateObjective
    /// What differs from the study's settings, by name.
    public let changes: [Change]

    /// One thing that differs.
    public struct Change: Sendable, Hashable, CustomStringConvertible {
        /// What.
        public let name: Name
        /// How much.
        public let value: Double

        /// `lambda=0.1`.
        public var description: String {
            value == value.rounded() && abs(value) < 1e9
                ? "\(name.rawValue)=\(Int(value))" : "\(name.rawValue)=\(value)"
        }
    }

    /// What can differ.
    public enum Name: String, Sendable, CaseIterable {
        /// What alignment counts; see ``PredicateSettings/alignment``, also for how fast that is reached.
        case lambda, steepness
        /// How evenly combinations are drawn for alignment, and for verbs.
        case balance
        case verbBalance = "verb-balance"
        /// Which layer is aligned.
        case layer
        /// 1 for a discriminator whose spectral norm is held.
        case spectral
        /// 1 where all verbs that nobody annotated count as not happening; see ``AbsentVerbs/known``.
        case closed
        /// Removed from the weights, and the peak of the learning rate.
        case decay, rate

        /// What is allowed.
        var range: ClosedRange<Double> {
            switch self {
            case .lambda, .steepness, .decay: 0...1000
            case .balance, .verbBalance, .rate: 0...1
            case .layer, .spectral, .closed: 0...1
            }
        }
        var isWhole: Bool { self == .layer || self == .spectral || self == .closed }
    }

    /// A variant.
    public init(_ objective: PredicateObjective, _ changes: [Change] = []) {
        (self.objective, self.changes) = (objective, changes)
    }

    /// An objective that differs in one thing.
    public init(_ objective: PredicateObjective, _ name: Name, _ value: Double) {
        self.init(objective, [Change(name: name, value: value)])
    }

    /// What `description` writes; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let objective = PredicateObjective(rawValue: String(parts[0])) else { return nil }
        var changes: [Change] = []
        if parts.count > 1 {
            for change in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
                let sides = change.split(separator: "=", omittingEmptySubsequences: false)
                guard sides.count == 2, let name = Name(rawValue: String(sides[0])),
                    let value = Double(sides[1]), name.range.contains(value),
                    !name.isWhole || value == value.rounded(),
                    !changes.contains(where: { $0.name == name })
                else { return nil }
                changes.append(Change(name: name, value: value))
            }
        }
        self.init(objective, changes)
    }

    /// `klprior:lambda=0.1,layer=0`.
    public var description: String {
        changes.isEmpty
            ? objective.rawValue
            : "\(objective.rawValue):" + changes.map(\.description).joined(separator: ",")
    }

    /// The settings of a run that differs from `base` by this.
    public func settings(_ base: PredicateSettings) -> PredicateSettings {
        var settings = base
        settings.objective = objective
        for change in changes {
            let value = change.value
            switch change.name {
            case .lambda: settings.alignment.lambda = value
            case .steepness: settings.alignment.steepness = value
            case .balance: settings.balance = value
            case .verbBalance: settings.verbBalance = value
            case .layer: settings.alignedLayer = Int(value)
            case .spectral: settings.isSpectral = value == 1
            case .closed: if value == 1 { settings.absence = .known }
            case .decay: settings.decay = value
            case .rate: settings.peakRate = value
            }
        }
        return settings
    }

    /// Equally many tries for each objective: λ where there is one, else what is removed from the weights.
    public static let usual: [PredicateVariant] =
        [PredicateObjective.prior, .erm].flatMap { objective in
            [0, 1e-4, 1e-2, 0.1].map { PredicateVariant(objective, .decay, $0) }
        }
        + [PredicateObjective.dann, .cdann, .klprior, .coral].flatMap { objective in
            [0.01, 0.03, 0.1, 0.3].map { PredicateVariant(objective, .lambda, $0) }
        }
}
