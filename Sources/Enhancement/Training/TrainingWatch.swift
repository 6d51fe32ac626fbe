// What is looked at while a network trains.
import Networks

/// Somebody who looks at the weights every so many steps, and once before the first.
public struct TrainingWatch {
    /// Every how many steps.
    public var interval: Int
    /// Told the steps done, and the averaged weights.
    public var look: (_ step: Int, _ parameters: Parameters) throws -> Void

    /// A watch.
    public init(interval: Int, look: @escaping (Int, Parameters) throws -> Void) {
        precondition(interval > 0, "a watch looks every 1 or more steps")
        self.interval = interval
        self.look = look
    }
}
