// What every actor can do: say what to do in a state, and be kept in a file.
import Networks
import Tensors

/// Says what to do in a state.
public protocol PolicyActor {
    /// Numbers of a state.
    var stateCount: Int { get }
    /// Which actions there are.
    var box: ActionBox { get }
    /// What to do in each state.
    ///
    /// - Parameter states: `[N, s]`.
    /// - Returns: `[N, a]`, within the box.
    /// - Throws: What compiling throws.
    func actions(for states: Tensor<Float>) throws -> Tensor<Float>
    /// Writes it to a safetensors file, replacing that at once or not at all.
    ///
    /// - Throws: `FileWriteError`.
    func write(to path: String) throws(FileWriteError)
}

extension PolicyActor {
    /// What to do in one state.
    ///
    /// - Throws: What compiling throws.
    public func action(for state: [Float]) throws -> [Float] {
        try actions(for: Tensor(state, shape: [1, state.count])).elements
    }
}
