// What computes a phase: it holds the values it works on, so that runs need not hand them around.
import Graphs
import Tensors

/// Computes the graph of a phase again and again on values that it holds.
protocol PhaseMachine<Scalar>: AnyObject {
    associatedtype Scalar: TensorScalar
    /// Gets ready for a step: parameters may have changed.
    func begin()
    /// Takes the value of an input or parameter.
    func take(_ name: String, _ value: HeldValue<Scalar>)
    /// Computes the outputs.
    func run() throws
    /// Makes the outputs that the phase carries inputs; what those held before can be asked for until the next time.
    func carry() throws
    /// The outputs that are single numbers.
    var figures: [String: Double] { get }
    /// The outputs that are not carried.
    var results: [String] { get }
    /// A value that it holds.
    func tensor(_ slot: PhaseSlot) -> Tensor<Scalar>
    /// The shape of a value that it holds.
    func shape(_ slot: PhaseSlot) -> Shape
}

/// Where a machine holds a value.
enum PhaseSlot: Hashable {
    /// An input, an output, what an input held before it was carried to last.
    case input(String), output(String), earlier(String)
}

/// A value, or where it stands.
enum HeldValue<Scalar: TensorScalar> {
    case tensor(Tensor<Scalar>)
    case held(any PhaseMachine<Scalar>, PhaseSlot)

    var tensor: Tensor<Scalar> {
        switch self {
        case .tensor(let tensor): tensor
        case .held(let machine, let slot): machine.tensor(slot)
        }
    }

    var shape: Shape {
        switch self {
        case .tensor(let tensor): tensor.shape
        case .held(let machine, let slot): machine.shape(slot)
        }
    }
}

/// A phase that a function computes, such as the reference.
final class EvaluatedPhase<Scalar: TensorScalar>: PhaseMachine {
    private let carried: [String: String], evaluate: PhaseSequence<Scalar>.Evaluator
    private var inputs: [String: Tensor<Scalar>] = [:], outputs: [String: Tensor<Scalar>] = [:]
    private var earlier: [String: Tensor<Scalar>] = [:]
    let results: [String]

    init(_ phase: Phase, _ evaluate: @escaping PhaseSequence<Scalar>.Evaluator) {
        (carried, self.evaluate) = (phase.carried, evaluate)
        results = phase.results
    }

    func begin() {}
    func take(_ name: String, _ value: HeldValue<Scalar>) { inputs[name] = value.tensor }
    func run() throws { outputs = try evaluate(inputs) }

    func carry() {
        earlier = inputs
        for (output, input) in carried where inputs[input] != nil {
            inputs[input] = outputs[output]
        }
    }

    var figures: [String: Double] {
        outputs.compactMapValues { $0.count == 1 ? Double($0.item) : nil }
    }

    func tensor(_ slot: PhaseSlot) -> Tensor<Scalar> {
        let found: Tensor<Scalar>? =
            switch slot {
            case .input(let name): inputs[name]
            case .output(let name): outputs[name]
            case .earlier(let name): earlier[name]
            }
        guard let found else { preconditionFailure("no \(slot)") }
        return found
    }

    func shape(_ slot: PhaseSlot) -> Shape { tensor(slot).shape }
}

extension Phase {
    /// The outputs that are not carried.
    var results: [String] { graph.outputs.map(\.name).filter { carried[$0] == nil } }
}
