// How a policy is learned: the method, and all numbers that it needs.
import Learning

/// How an actor gets better.
public enum PolicyMethod: String, Sendable, Hashable, CaseIterable {
    /// It learns actions that a search found to be worth more (arXiv:2006.06600).
    case zospi = "ZOSPI"
    /// It follows the critic's gradient, with twin critics, smoothed targets and delay (arXiv:1802.09477).
    case td3 = "TD3"
    /// It follows the gradient of a single critic (arXiv:1509.02971).
    case ddpg = "DDPG"
}

/// How a policy is learned.
public struct PolicyOptions: Sendable {
    /// How the actor gets better.
    public var method: PolicyMethod
    /// What the actor is: a network, or one of the kinds that no gradient can train.
    public var actor = ActorKind.network
    /// Widths of the hidden layers of actor and critics.
    public var hidden = [64, 64]
    /// Learning rates of Adam.
    public var actorRate = 1e-3, criticRate = 1e-3
    /// What a reward is worth a step later; 0 where there is one step only.
    public var discount = 0.99
    /// The part of the weights that enters the slow copies, whenever those move.
    public var blending = 0.005
    /// Steps of a batch.
    public var batch = 64
    /// Examples that an actor without weights keeps.
    public var examples = 512
    /// Steps kept.
    public var capacity = 1_000_000
    /// Critics; 2 are twins.
    public var critics: Int
    /// The part of steps that each critic learns from; below 1 critics are bootstrapped.
    public var share = 1.0
    /// How many deviations of the critics count in favour of an action when exploring; nil to add noise to the
    /// actor's.
    public var optimism: Double?
    /// Deviation of the noise on actions when exploring, a part of the box's limit.
    public var noise = 0.1
    /// Deviation of the noise on actions in targets, and how far it may go, parts of the box's limit.
    public var smoothing = 0.2, mostSmoothing = 0.5
    /// Updates of critics for one of the actor and of the slow copies.
    public var delay: Int
    /// What ZOSPI tries.
    public var search = CandidateSearch()
    /// How critics and actor networks get their gradients: by any rule that learns once from a batch.
    public var rule: any LearningRule = Backpropagation()
    /// Threads to compute with.
    public var threads = 1

    /// The settings of a method as published, for small networks.
    public init(_ method: PolicyMethod) {
        self.method = method
        critics = method == .ddpg ? 1 : 2
        delay = method == .ddpg ? 1 : 2
        if method == .ddpg { smoothing = 0 }
    }

    /// ZOSPI that explores where bootstrapped critics disagree.
    ///
    /// Each of five critics learns from its own 80 % of all steps; the action is that of the highest mean plus one deviation
    /// among the actor's and those of the search. Number of critics and weight are not published.
    public static var optimistic: PolicyOptions {
        var options = PolicyOptions(.zospi)
        (options.critics, options.share, options.optimism) = (5, 0.8, 1)
        return options
    }
}

/// What an actor is.
public enum ActorKind: Sendable, Hashable {
    /// A network, trained by gradients.
    case network
    /// The mean of better actions, weighed by how near their states are.
    case kernel
    /// The mean of trees that are grown on better actions.
    case forest
}
