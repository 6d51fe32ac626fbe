// How a batch chooses what each shot of its videos gets.
import Compute
import Enhancement
import Networks
import Policy
import Terminal

/// What is chosen for each shot of a batch's videos, and by what.
public struct ShotsChoice: Sendable {
    /// A model that shots may get.
    struct Candidate: Sendable {
        /// What plans call it, its weights, and those for what people see beside them.
        var name: String, weights: WeightsFile, perceptual: WeightsFile?
    }

    /// What foresees outcomes.
    var policy: WeightsFile
    var models: [Candidate]
    /// Arithmetic of all networks; nil: what suits each best.
    var precision: Precision?
    /// A balance that somebody asked for; nil: it is chosen for each shot.
    var balance: Balance?
    /// Seconds that the whole batch may take; nil: what the usual model would take.
    public var deadline: Double?

    /// A choice among models.
    ///
    /// - Throws: `MediaError`.
    public init(
        _ models: ShotModels, precision: Precision?, balance: Balance?, deadline: Double?
    ) throws {
        policy = try WeightsFile(path: models.path)
        self.models = try models.models.map { loaded in
            Candidate(
                name: loaded.model.name, weights: try WeightsFile(path: loaded.path),
                perceptual: try ModelCatalogue.perceptualPath(beside: loaded.path).map {
                    try WeightsFile(path: $0)
                })
        }
        (self.precision, self.balance, self.deadline) = (precision, balance, deadline)
    }

    /// All that plans are made by.
    var json: JSONValue {
        .object([
            ("policy", policy.json),
            ("models", .array(models.map(\.json))),
            ("precision", precision.map { .string($0.rawValue) } ?? .null),
            ("balance", balance.map { .string("\($0)") } ?? .null),
            ("deadline", deadline.map(JSONValue.number) ?? .null),
        ])
    }

    /// What of it changes outputs once there are plans, wherever weights lie.
    var identity: JSONValue {
        .object([
            (
                "models",
                .array(
                    models.map { model in
                        .array([
                            .string(model.name), .string(model.weights.sha256),
                            .string(model.perceptual?.sha256 ?? ""),
                        ])
                    })
            ),
            ("precision", precision.map { .string($0.rawValue) } ?? .null),
        ])
    }

    init?(_ json: JSONValue) {
        guard let policy = json["policy"].flatMap(WeightsFile.init),
            let models = json["models"]?.elements, !models.isEmpty
        else { return nil }
        self.policy = policy
        self.models = models.compactMap(Candidate.init)
        precision = json["precision"]?.text.flatMap(Precision.init(rawValue:))
        balance = json["balance"]?.text.flatMap { Balance($0) }
        deadline = json["deadline"]?.double
        guard self.models.count == models.count else { return nil }
    }

    /// The models, from where they lie on this machine.
    ///
    /// - Throws: ``WeightsMissing``; what reading weights throws.
    func located() throws -> [String: any RestorationModel] {
        try models.reduce(into: [:]) { found, candidate in
            let model = try candidate.weights.model(perceptual: candidate.perceptual)
            if let precision { try model.require(precision, at: balance ?? .automatic, file: nil) }
            found[candidate.name] = model
        }
    }
}

extension ShotsChoice.Candidate {
    var json: JSONValue {
        .object([
            ("name", .string(name)), ("weights", weights.json),
            ("perceptual", perceptual?.json ?? .null),
        ])
    }

    init?(_ json: JSONValue) {
        guard let name = json["name"]?.text, !name.isEmpty,
            let weights = json["weights"].flatMap(WeightsFile.init)
        else { return nil }
        self.init(
            name: name, weights: weights, perceptual: json["perceptual"].flatMap(WeightsFile.init))
    }
}
