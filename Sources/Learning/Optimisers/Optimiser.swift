// What every optimiser does: it turns gradients into a step, and its memory can be saved.
import Networks
import Tensors

/// A rule that changes parameters by their gradients. A value: a copy is a snapshot.
public protocol Optimiser: Sendable {
    /// Its name in checkpoints.
    static var kind: String { get }

    /// What it remembers between steps.
    var memory: OptimiserMemory { get set }

    /// Changes `parameters` by one step at the given learning rate.
    ///
    /// - Parameter gradients: By path; parameters without one stay as they are.
    mutating func step(
        _ parameters: inout Parameters, _ gradients: [String: Tensor<Float>], rate: Double)
}

/// What an optimiser remembers between steps.
public struct OptimiserMemory: Sendable, Equatable {
    /// Steps made so far.
    public var steps = 0
    /// Averages per parameter, by the optimiser's own name for them ("first", "second").
    public var moments: [String: Parameters] = [:]

    /// Nothing yet.
    public init() {}
}

extension OptimiserMemory {
    /// Takes a moment out so that it can be changed in place; zeros where there is none yet.
    mutating func take(_ name: String, like parameters: Parameters) -> Parameters {
        let moment = moments.removeValue(forKey: name) ?? Parameters(zerosLike: parameters)
        precondition(
            moment.paths == parameters.paths, "the optimiser's memory is of another network")
        return moment
    }
}

/// The gradient at `path`, which must have the parameter's shape.
func gradient(
    of path: String, _ parameters: Parameters, at position: Int,
    in gradients: [String: Tensor<Float>]
) -> Tensor<Float>? {
    guard let gradient = gradients[path] else { return nil }
    precondition(
        gradient.shape == parameters[position].shape,
        "gradient of '\(path)' is \(gradient.shape), not \(parameters[position].shape)")
    return gradient
}
