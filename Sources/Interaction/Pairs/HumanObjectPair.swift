// Who might do something to what: every human with every other thing.

/// A human and another thing of one picture, as indices into its things.
public struct HumanObjectPair: Sendable, Hashable {
    /// Who.
    public let human: Int
    /// What it might be done to; another human, perhaps.
    public let object: Int

    /// A pair of two different things.
    public init(human: Int, object: Int) {
        precondition(human != object, "nothing is paired with itself")
        (self.human, self.object) = (human, object)
    }

    /// Each human with each other thing, humans in order, and things in order for each.
    ///
    /// - Parameter isHuman: For each thing, whether it is a human.
    public static func all(_ isHuman: [Bool]) -> [HumanObjectPair] {
        isHuman.indices.filter { isHuman[$0] }.flatMap { human in
            isHuman.indices.filter { $0 != human }.map {
                HumanObjectPair(human: human, object: $0)
            }
        }
    }

    /// Each human among `detections` with each other detection.
    public static func all(_ detections: [Detection]) -> [HumanObjectPair] {
        all(detections.map { $0.category == COCO.person })
    }
}
