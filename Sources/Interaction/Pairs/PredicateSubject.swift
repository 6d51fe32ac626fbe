// What a predicate is told of: a person and a thing, or a person alone.

/// What a head tells verbs of.
public enum PredicateSubject: String, Sendable, CaseIterable {
    /// A person and a thing, both of which are seen.
    case pairs
    /// A person, whether the thing is seen or not: one plays a guitar though no detector knows guitars. Verbs and things
    /// are told together, and the person is paired with the whole picture.
    case people

    /// The whole picture, which people are paired with.
    static func scene(width: Int, height: Int) -> Box { Box(0, 0, Double(width), Double(height)) }
}

extension HumanObjectPair {
    /// A person among `count` things, and the whole picture, which stands behind the last.
    static func withScene(_ human: Int, of count: Int) -> HumanObjectPair {
        HumanObjectPair(human: human, object: count)
    }
}
