// What each shot of a job gets, as its line in the plan of a batch says it.
import Enhancement
import Policy
import Terminal

/// What is done with each shot of a job.
public struct PlannedShots: Sendable, Hashable {
    /// What each shot gets.
    public let plan: ShotPlan
    /// How many frames each has.
    let frames: [Int]
    /// The mean effort for a pixel, in what the usual model takes.
    let effort: Double

    init?(_ json: JSONValue) {
        guard let entries = json["shots"]?.elements, let effort = json["effort"]?.double,
            effort >= 0
        else { return nil }
        let shots = entries.compactMap(ShotPlan.Shot.init)
        frames = entries.compactMap { $0["frames"]?.integer }
        guard shots.count == entries.count, frames.count == entries.count,
            let plan = ShotPlan(shots)
        else { return nil }
        (self.plan, self.effort) = (plan, effort)
    }

    /// A plan as it reads once it is written, so that all who follow it follow the same.
    init(_ plan: ShotPlan, frames: [Int], effort: Double) {
        let json = Self.json(plan, frames: frames, effort: effort)
        guard let same = PlannedShots(json) else { preconditionFailure("a plan that is none") }
        self = same
    }

    private static func json(_ plan: ShotPlan, frames: [Int], effort: Double) -> JSONValue {
        .object([
            ("effort", .number((effort * 1000).rounded() / 1000)),
            (
                "shots",
                .array(
                    zip(plan.shots, frames).map {
                        .object($0.members + [("frames", .int($1))])
                    })
            ),
        ])
    }

    var json: JSONValue { Self.json(plan, frames: frames, effort: effort) }

    /// The shots alone, as `--plan` reads them.
    var list: JSONValue { json["shots"] ?? .null }

    /// What is done with how much of the video, in words.
    public var summary: String { plan.summary(weights: frames.map(Double.init)) }

    /// How much longer it takes than decoding and encoding alone would, where the usual model takes four times as long.
    var cost: Double { (1 + 3 * effort) / 4 }
}
