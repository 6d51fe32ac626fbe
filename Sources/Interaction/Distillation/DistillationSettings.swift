// What training of a small detector by another is told.

/// How long and with what a detector learns from another.
public struct DistillationSettings: Sendable {
    /// Steps in all.
    public var steps: Int
    /// Pictures of a step, and their side in pixels, a multiple of 32.
    public var batch = 8, side = 320
    /// Pictures whose batch norm is computed together, a divisor of those of a step: what threads share out.
    public var group = 4
    /// Peak of the learning rate, which rises over the warm-up and falls along a cosine.
    public var peakRate = 2e-3, warmUp = 300
    /// Part of the weights removed per step and unit of learning rate.
    public var decay = 0.02
    /// How much what the student does not know of the teacher's features counts; 0 for not at all.
    public var hintWeight = 1.0
    /// How many of the photographs that pictures are made of are parts around a thing, kinds drawn evenly: 0 to 1.
    public var closeUps = 0.0
    /// Decay of the averaged weights, which are the ones that are kept.
    public var averageDecay = 0.9995
    /// Seed of first weights and of all draws.
    public var seed: UInt64 = 1
    /// Threads to compute with.
    public var threads = 1
    /// Where the run can go on from, and the log of every step.
    public var checkpointPath: String?, logPath: String?
    /// Every how many steps progress is reported.
    public var progressInterval = 50

    /// A run of so many steps.
    public init(steps: Int) { self.steps = steps }

    /// All that changes what is computed, but for the number of steps: a resumed run must have the same.
    var fingerprint: String {
        "\(batch) \(group) \(side) \(peakRate) \(warmUp) \(decay) \(averageDecay) \(hintWeight) \(seed)"
            // As checkpoints had it before there were any.
            + (closeUps > 0 ? " \(closeUps)" : "")
    }
}
