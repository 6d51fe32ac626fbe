// How good roles are found: V-COCO's official measures.

/// A person in a picture, and what is known of them.
public struct TrueAgent: Sendable, Hashable {
    /// Where.
    public var box: Box
    /// What they do: for each verb (`hit instr`, `walk`) where its thing is, nil where that is out of sight. All of it is
    /// nil where nobody said what they do.
    public var roles: [String: Box?]?

    /// A person.
    public init(_ box: Box, roles: [String: Box?]?) { (self.box, self.roles) = (box, roles) }
}

/// A person that was found, and what they were found doing: V-COCO's form of a finding.
public struct FoundAgent: Sendable, Hashable {
    /// The thing of a verb.
    public struct Role: Sendable, Hashable {
        /// Where; nil where it is said to be out of sight.
        public var box: Box?
        /// How surely.
        public var score: Double

        /// A thing.
        public init(_ box: Box?, score: Double) { (self.box, self.score) = (box, score) }
    }

    /// Where.
    public var box: Box
    /// How surely they do what: scores by action (`hit`).
    public var actions: [String: Double]
    /// What they do it to: by verb (`hit instr`).
    public var roles: [String: Role]

    /// A person.
    public init(_ box: Box, actions: [String: Double] = [:], roles: [String: Role] = [:]) {
        (self.box, self.actions, self.roles) = (box, actions, roles)
    }
}

/// Average precision of each role, as V-COCO's own evaluation defines it.
///
/// A finding stands for the annotated person whom it overlaps most, whatever that person does; where nobody said what
/// they do, it counts neither way. It is right where it overlaps the person by a half, the person does so, the thing
/// overlaps the annotated one by a half, and no better finding took the person. All points of the curve count.
///
/// - SeeAlso: Gupta and Malik, "Visual semantic role labeling" (arXiv:1505.04474), section 5; `vsrl_eval.py`.
public struct RoleAccuracy: Sendable {
    /// What is asked of a finding where the thing is out of sight.
    public enum Scenario: Sendable, CaseIterable {
        /// That it names no place.
        case first
        /// Nothing.
        case second
    }

    /// Verbs with a thing, in order; how many people do each; and its average precision, 0 to 1, nil where nobody does.
    public let verbs: [String], counts: [Int], precisions: [Double?]

    /// Compares findings with the truth, picture by picture in the same order.
    ///
    /// - Parameters:
    ///   - truth: Boxes by their edges, as ``VCOCO/agents`` gives them.
    ///   - found: Boxes by their edges, as ``KnownFindings`` gives them. Equal scores count in the order given.
    ///   - verbs: Those with a thing (`hit instr`); others, without a space in them, have no role and are left out.
    public init(
        truth: [[TrueAgent]], found: [[FoundAgent]], verbs: [String], scenario: Scenario
    ) {
        self.verbs = verbs.filter { $0.contains(" ") }
        let matching = AgentMatching(truth: truth)
        counts = self.verbs.map { verb in matching.count { $0[verb] != nil } }
        precisions = zip(self.verbs, counts).map { verb, count in
            let candidates = found.enumerated().flatMap { picture, agents in
                agents.compactMap { agent in
                    agent.roles[verb].map { role in
                        AgentMatching.Candidate(
                            picture: picture, box: agent.box, score: role.score, role: role.box)
                    }
                }
            }
            let hits = matching.hits(candidates) { candidate, roles in
                guard let place = roles[verb] else { return false }
                guard let place else { return scenario == .second || candidate.role == nil }
                return (candidate.role?.overlap(place) ?? 0) >= AgentMatching.least
            }
            return allPointPrecision(hits: hits, total: count)
        }
    }

    /// The mean over all roles that the pictures show, 25 in V-COCO, as the official program prints it.
    public var mean: Double? { precisions.compactMap { $0 }.mean }

    /// The mean without `point instr`, which few annotate and most papers leave out.
    public var meanWithoutPointing: Double? {
        zip(verbs, precisions).compactMap { $0 == "point instr" ? nil : $1 }.mean
    }
}

/// Average precision of each action, whatever it is done to, as V-COCO's own evaluation defines it.
///
/// - SeeAlso: ``RoleAccuracy``.
public struct AgentAccuracy: Sendable {
    /// Actions in order; how many people do each; and its average precision, 0 to 1, nil where nobody does.
    public let actions: [String], counts: [Int], precisions: [Double?]

    /// Compares findings with the truth, picture by picture in the same order.
    ///
    /// - Parameter verbs: V-COCO's, as ``VCOCO/verbs``.
    public init(truth: [[TrueAgent]], found: [[FoundAgent]], verbs: [String]) {
        var actions: [String] = []
        for verb in verbs {
            let action = VCOCO.action(of: verb)
            if !actions.contains(action) { actions.append(action) }
        }
        let matching = AgentMatching(truth: truth)
        func does(_ roles: [String: Box?], _ action: String) -> Bool {
            roles.keys.contains { VCOCO.action(of: $0) == action }
        }
        self.actions = actions
        counts = actions.map { action in matching.count { does($0, action) } }
        precisions = zip(actions, counts).map { action, count in
            let candidates = found.enumerated().flatMap { picture, agents in
                agents.compactMap { agent in
                    agent.actions[action].map { score in
                        AgentMatching.Candidate(
                            picture: picture, box: agent.box, score: score, role: nil)
                    }
                }
            }
            let hits = matching.hits(candidates) { does($1, action) }
            return allPointPrecision(hits: hits, total: count)
        }
    }

    /// The mean over the actions that the pictures show.
    public var mean: Double? { precisions.compactMap { $0 }.mean }
}

/// Which annotated person each finding stands for.
struct AgentMatching {
    /// A person that was found doing one thing.
    struct Candidate {
        let picture: Int, box: Box, score: Double, role: Box?
    }

    /// How much two boxes overlap at least to be of one thing.
    static let least = 0.5
    let truth: [[TrueAgent]]

    /// How many people there are whose deeds satisfy something.
    func count(where condition: ([String: Box?]) -> Bool) -> Int {
        truth.joined().count { $0.roles.map(condition) ?? false }
    }

    /// Whether each finding is right, best first, without those that count neither way.
    func hits(
        _ candidates: [Candidate], where isRight: (Candidate, [String: Box?]) -> Bool
    ) -> [Bool] {
        let order = candidates.indices.sorted {
            let (a, b) = (candidates[$0].score, candidates[$1].score)
            return a != b ? a > b : $0 < $1
        }
        var taken: Set<[Int]> = []
        return order.compactMap { index -> Bool? in
            let candidate = candidates[index]
            var best = -1.0
            var match: Int?
            // The first of equals, even of those that it does not touch.
            for (person, agent) in truth[candidate.picture].enumerated() {
                let overlap = candidate.box.overlap(agent.box)
                if overlap > best { (best, match) = (overlap, person) }
            }
            guard let match else { return false }
            guard let roles = truth[candidate.picture][match].roles else { return nil }
            guard best >= Self.least, isRight(candidate, roles) else { return false }
            return taken.insert([candidate.picture, match]).inserted
        }
    }
}

extension VCOCO {
    /// The action of a verb: `hit` of `hit instr`, `walk` of `walk`.
    static func action(of verb: String) -> String {
        verb.split(separator: " ").first.map(String.init) ?? verb
    }

    /// The people of each photograph, and what they do.
    ///
    /// Of pairs one knows only people who do something to a thing in sight; others who are there as things are people of
    /// whom nobody said what they do.
    public var agents: [[TrueAgent]] {
        zip(pictures, annotatedPeople).map { picture, annotated in
            let person = COCO.categories[COCO.person]
            var agents: [TrueAgent] = []
            for (index, thing) in picture.things.enumerated() where thing.category == person {
                var box = thing.box
                if let width = picture.width, let height = picture.height {
                    box = box.clipped(width: width, height: height)
                }
                // As the official program has it.
                guard box.width > 1, box.height > 1, thing.area.map({ $0 > 0 }) ?? true else {
                    continue
                }
                guard annotated.contains(index) else {
                    agents.append(TrueAgent(box, roles: nil))
                    continue
                }
                var roles: [String: Box?] = [:]
                for interaction in picture.interactions where interaction.human == index {
                    roles[interaction.verb] = .some(
                        interaction.object.map { picture.things[$0].box })
                }
                agents.append(TrueAgent(box, roles: roles))
            }
            return agents
        }
    }
}

extension Array where Element == Double {
    /// Their mean; nil of none.
    var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }
}
