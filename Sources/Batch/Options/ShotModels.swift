// The policy that decides about shots, and the models that it decides between.
import Enhancement
import Networks
import Policy
import Terminal

/// The policy for shots, and the models that it may give them.
public struct ShotModels: Sendable {
    /// The policy, and its file.
    public let policy: ShotPolicy, path: String
    /// The models.
    public let models: [LoadedModel]
    /// The model by whose corrections the policy knows shots, whether they may get it or not.
    public let probe: LoadedModel

    /// Reads the policy that comes with Percept, and models that it knows.
    ///
    /// - Parameter only: The name or file of the only model that shots may get; nil: all of them.
    /// - Throws: `UsageError` where the policy does not know it; what reading weights throws.
    public init(only: String?) throws {
        path = try ModelCatalogue.current.path(of: ShotPolicy.kind)
        policy = try ShotPolicy(contentsOf: path)
        let known = policy.unit.models.keys.sorted()
        models = try (only.map { [$0] } ?? known).map { try LoadedModel($0) }
        for loaded in models where policy.unit.models[loaded.model.name] == nil {
            throw UsageError.nonsense(
                "\(loaded.path): the policy knows \(known.joined(separator: ", "))")
        }
        let unit = policy.unit.model
        probe = try models.first { $0.model.name == unit } ?? LoadedModel(unit)
    }

    /// The one that is used where there is nothing to choose: what effort is counted in, or the only one.
    public var usual: LoadedModel {
        models.first { $0.model.name == policy.unit.model } ?? models[0]
    }
}
