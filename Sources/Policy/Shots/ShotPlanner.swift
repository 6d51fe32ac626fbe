// Which choice each shot of a video gets, by a budget of time and size, again and again while the work goes on.
import Enhancement
import Glibc
import Media
import Terminal

/// What a person allows.
public struct ShotWishes: Sendable {
    /// Seconds of the clock for all that is left to do; nil: what the usual model would take for all shots.
    public var seconds: Double?
    /// Bits of the video; nil: as the encoder is told, alike for all shots.
    public var bits: Double?
    /// A balance that somebody asked for; nil: it is chosen for each shot.
    public var balance: Balance?
    /// A share of the correction that no shot exceeds.
    public var strength: Float = 1

    /// Nothing but what is usual.
    public init() {}
}

/// A deadline that cannot be met.
public struct DeadlineTooShort: ExitCodeProviding, Equatable {
    /// The input; seconds that are left, and that decoding and encoding alone take.
    public let input: String, left: Double, needed: Double

    /// Work that does not fit.
    public init(input: String, left: Double, needed: Double) {
        (self.input, self.left, self.needed) = (input, left, needed)
    }

    /// 64.
    public var exitCode: Int32 { ExitCode.usage.rawValue }
    /// One line.
    public var description: String {
        "\(input): decoding and encoding alone take about \(humanDuration(needed)), "
            + "\(humanDuration(max(0, left))) are left; allow more time, or choose a faster --preset"
    }
}

/// Decides about the shots of one video.
public struct ShotPlanner {
    /// The quality of x264 that choices are compared at where nobody names a size: so fine that it hides nothing.
    static let usualQuality = 14.0
    /// How much coarser or finer than the middle shots may be coded.
    static let mostCoarser: Float = 6

    private let policy: ShotPolicy
    private let shots: [ShotSurvey.Shot]
    /// Luma samples of a frame.
    let pixels: Double
    let speed: MachineSpeed
    private let wishes: ShotWishes
    /// What is foreseen of each shot; effort in the time that the usual model takes here.
    let table: ShotTable
    /// Actions that shots are compared at where bits are no question.
    let usual: [Int]
    /// For each shot, the actions that it may have: once qualities are settled, those of one quality.
    private var allowed: [[Int]]
    private let input: String
    /// Seconds of a unit of effort for a pixel.
    let unitSeconds: Double
    /// The actions chosen so far.
    public private(set) var actions: [Int] = []
    /// How much longer work has taken than was foreseen.
    private var lateness: Double

    /// A planner of a surveyed video.
    ///
    /// - Throws: ``DeadlineTooShort``.
    public init(
        _ policy: ShotPolicy, _ survey: ShotSurvey, speed: MachineSpeed, wishes: ShotWishes,
        input: String
    ) throws {
        (self.policy, shots, self.speed, self.wishes) = (policy, survey.shots, speed, wishes)
        self.input = input
        lateness = speed.contention
        pixels = Double(survey.width * survey.height)
        var table = policy.table(
            for: shots.map(\.state), weights: shots.map { Double($0.frames) })
        // Effort counts what this machine takes, in the time of the model that effort is counted in.
        unitSeconds = policy.unit.seconds(whereModelsTake: speed.models)
        let actions = policy.grid.actions
        for shot in shots.indices {
            for (index, action) in actions.enumerated() {
                let name = action.choice.model ?? ""
                // What was not timed is not chosen, but may be what others are compared with.
                let there = max(policy.unit.models[name] ?? 1, 1e-9)
                let here = speed.models[name] ?? there * unitSeconds
                table.effort[shot][index] =
                    max(0, table.effort[shot][index]) * here / there / unitSeconds
                if let coding = shots[shot].coding {
                    table.bits[shot][index] = coding.bits(
                        later: table.bits[shot][index],
                        tried: exp2(shots[shot].state.codedBits(at: action.quality)) - 1e-4,
                        quality: action.quality, frames: shots[shot].frames)
                }
            }
        }
        self.table = table
        let usable = actions.indices.filter { index in
            let choice = actions[index].choice
            guard let name = choice.model else { return true }
            guard speed.models[name] != nil else { return false }
            // Of a balance that was not tried, the nearer one foresees most.
            return wishes.balance.map { $0.nearest == choice.balance } ?? true
        }
        let near = Set(policy.grid.actions(near: Self.usualQuality))
        usual = usable.filter(near.contains)
        let sized = wishes.bits == nil ? usual : usable
        allowed = shots.map { _ in sized }
        let most = wishes.seconds ?? usualSeconds
        try choose(from: 0, seconds: most)
        if wishes.bits != nil {
            // Encoders are told once how the shots differ; what is tried for the size holds only as long as that stays.
            allowed = self.actions.map { chosen in
                usable.filter { actions[$0].quality == actions[chosen].quality }
            }
        }
    }

    /// Seconds that the usual model would take for all shots, by the default balance.
    public var usualSeconds: Double {
        let name = policy.unit.model
        let balance = wishes.balance?.nearest ?? .automatic
        let index = policy.grid.actions.firstIndex {
            $0.choice == ShotChoice(model: name, strength: 1, balance: balance)
        }
        let last = index ?? 0
        return seconds(of: [Int](repeating: last, count: shots.count), from: 0)
    }

    /// Seconds of the clock for all shots from one on.
    private func seconds(of actions: [Int], from first: Int) -> Double {
        shots.indices[first...].reduce(0) { sum, shot in
            sum + Double(shots[shot].frames) * pixels
                * (table.effort[shot][actions[shot]] * unitSeconds + speed.coding)
        } * lateness
    }

    /// Seconds of the clock that the plan takes from one shot on.
    public func seconds(from first: Int = 0) -> Double { seconds(of: actions, from: first) }

    /// Chooses for all shots from `first` on.
    private mutating func choose(from first: Int, seconds: Double) throws {
        let rest = Array(shots.indices[first...])
        guard !rest.isEmpty else { return }
        let weights = rest.map { table.weights[$0] }
        let whole = weights.reduce(0, +)
        let needed = whole * pixels * speed.coding * lateness
        guard seconds > needed || first > 0 || wishes.seconds == nil else {
            throw DeadlineTooShort(input: input, left: seconds, needed: needed)
        }
        let budget = ShotBudget(
            effort: max(0, seconds / lateness / (whole * pixels) - speed.coding) / unitSeconds,
            bits: wishes.bits.map { $0 / (table.weights.reduce(0, +) * pixels) })
        let part = ShotTable(
            worth: rest.map { table.worth[$0] }, effort: rest.map { table.effort[$0] },
            bits: rest.map { table.bits[$0] }, weights: weights)
        // Where qualities are settled, each shot has its own actions; bits are then no question any more.
        let isSettled = first > 0 || !actions.isEmpty
        let chosen =
            isSettled
            ? part.allocation(ShotBudget(effort: budget.effort), perShot: rest.map { allowed[$0] })
            : part.allocation(budget, among: allowed[first])
        if actions.isEmpty { actions = [Int](repeating: 0, count: shots.count) }
        for (index, shot) in rest.enumerated() { actions[shot] = chosen[index] }
    }

    /// Chooses anew for what is not done: all from the shot `first` on.
    ///
    /// - Parameter left: Seconds of the clock that are left.
    public mutating func begin(at first: Int, left: Double) throws {
        guard first > 0, first < shots.count, wishes.seconds != nil else { return }
        try choose(from: first, seconds: left)
    }

    /// Takes in how long work has taken, and chooses anew for the shots after the one that has begun.
    ///
    /// - Parameters:
    ///   - current: The shot that has begun.
    ///   - elapsed: Seconds of the clock that the frames before it took, and those that were foreseen for them by
    ///     ``secondsOfFrame(in:)``.
    ///   - left: Seconds that are left.
    public mutating func go(on current: Int, elapsed: Double, foreseen: Double, left: Double) throws
    {
        guard wishes.seconds != nil, current + 1 < shots.count, foreseen > 0 else { return }
        lateness = min(max(elapsed / foreseen, 0.1), 10)
        let own = Double(shots[current].frames) * secondsOfFrame(in: current) * lateness
        try choose(from: current + 1, seconds: max(0, left - own))
    }

    /// Seconds of the clock that a frame of a shot takes by the plan, as foreseen before anything was done.
    public func secondsOfFrame(in shot: Int) -> Double {
        pixels * (table.effort[shot][actions[shot]] * unitSeconds + speed.coding)
    }

    /// What part of the whole each shot is: its frames.
    public var weights: [Double] { table.weights }

    /// The mean effort of the plan for a pixel, in what the usual model takes.
    public var effort: Double { table.totals(actions).effort }

    /// Seconds that decoding and encoding take, whatever the plan.
    public var codingSeconds: Double { table.weights.reduce(0, +) * pixels * speed.coding }

    /// The plan as it stands.
    public var plan: ShotPlan {
        let qualities = actions.map { policy.grid.actions[$0].quality }
        let whole = max(table.weights.reduce(0, +), 1)
        let middle = zip(qualities, table.weights).reduce(0) { $0 + $1.0 * $1.1 } / whole
        let all = shots.indices.map { shot -> ShotPlan.Shot in
            var choice = policy.grid.actions[actions[shot]].choice
            if let balance = wishes.balance, choice.model != nil { choice.balance = balance }
            choice.strength = min(choice.strength, wishes.strength)
            if wishes.bits != nil {
                let coarser = Float(((qualities[shot] - middle) * 2).rounded() / 2)
                choice.coarser = min(max(coarser, -Self.mostCoarser), Self.mostCoarser)
            }
            return ShotPlan.Shot(start: shots[shot].start, choice: choice)
        }
        guard let plan = ShotPlan(all) else { preconditionFailure("shots out of order") }
        return plan
    }

    /// The shot that a time lies in, by its number.
    public func shot(at seconds: Double) -> Int {
        (shots.firstIndex { $0.start > seconds + 0.0005 } ?? shots.count) - 1
    }

    /// What is foreseen of each shot: how much nearer to the original, in decibels, and how long it takes in seconds.
    public var forecast: [(gain: Double, seconds: Double)] {
        shots.indices.map { shot in
            (
                table.worth[shot][actions[shot]],
                Double(shots[shot].frames) * lateness * secondsOfFrame(in: shot)
            )
        }
    }
}

extension Balance {
    /// The balance among those that outcomes are measured at that is nearest to this one.
    var nearest: Balance {
        switch self {
        case .automatic: .automatic
        case .fixed(let share): share < 0.25 ? .fixed(0) : .automatic
        }
    }
}
