// What a run of a study measured.

/// What a run measured; shares from 0 to 1.
public struct StudyOutcome: Sendable, Equatable {
    /// Mean average precision over combinations that training was not shown, and over those that it was.
    public var unseen: Double, seen: Double
    /// Average precision of each unseen combination that occurs, by its name.
    public var combinations: [String: Double] = [:]
    /// Further figures by name.
    public var others: [String: Double] = [:]

    /// What was measured.
    public init(unseen: Double, seen: Double) { (self.unseen, self.seen) = (unseen, seen) }

    /// 2 seen unseen / (seen + unseen): what variants are chosen by.
    public var harmonic: Double {
        seen + unseen > 0 ? 2 * seen * unseen / (seen + unseen) : 0
    }
}

extension StudyOutcome {
    /// Means of what all have; combinations side by side.
    init(meanOf parts: [StudyOutcome]) {
        func mean(_ figure: (StudyOutcome) -> Double) -> Double {
            parts.map(figure).reduce(0, +) / Double(parts.count)
        }
        self.init(unseen: mean(\.unseen), seen: mean(\.seen))
        for part in parts { combinations.merge(part.combinations) { $1 } }
        let names = parts.reduce(into: Set<String>()) { $0.formUnion($1.others.keys) }
        for name in names {
            // Where a division has nothing to say, as of one kind of thing with one verb, the others say it.
            let known = parts.compactMap { $0.others[name] }
            others[name] = known.reduce(0, +) / Double(known.count)
        }
    }
}
