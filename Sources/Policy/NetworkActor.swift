// An actor that is a network: layers whose outputs are bent into the box.
import Compute
import Graphs
import Networks
import Tensors

/// max · tanh of fully connected layers.
struct ActorLayers: Module {
    let stack: LayerStack, box: ActionBox

    init(_ path: ParameterPath, stateCount: Int, box: ActionBox, hidden: [Int]) {
        stack = LayerStack(path, [stateCount] + hidden + [box.count])
        self.box = box
    }

    var declarations: [Declaration] { stack.declarations }

    /// What to do in each state.
    func callAsFunction(_ states: Value) -> Value { Double(box.limit) * stack(states).tanh }

    /// The graph from "state" to "action".
    var graph: Graph {
        Graph.build { $0.output(self($0.input("state")), "action") }
    }
}

/// An actor that is a trained network; belongs to the thread that uses it.
public struct NetworkActor: PolicyActor {
    static let kind = "network"
    static let path: ParameterPath = "actor"

    public let stateCount: Int, box: ActionBox
    /// Widths of the hidden layers.
    public let hidden: [Int]
    /// Weights by path.
    public let parameters: Parameters
    private let plans: PlanCache

    init(stateCount: Int, box: ActionBox, hidden: [Int], _ parameters: Parameters, threads: Int = 1)
    {
        (self.stateCount, self.box, self.hidden) = (stateCount, box, hidden)
        self.parameters = parameters
        let layers = ActorLayers(Self.path, stateCount: stateCount, box: box, hidden: hidden)
        plans = PlanCache(
            layers.graph, parameters: parameters.values, options: PlanOptions(threads: threads))
    }

    public func actions(for states: Tensor<Float>) throws -> Tensor<Float> {
        try plans.result(for: ["state": states], "action")
    }

    public func write(to path: String) throws(FileWriteError) {
        var metadata = ActorHead.metadata(Self.kind, self)
        metadata["policy.hidden"] = hidden.map(String.init).joined(separator: " ")
        try parameters.write(to: path, metadata: metadata)
    }

    init(_ file: Safetensors, _ head: ActorHead) throws(SafetensorsError) {
        let hidden = try file.value("policy.hidden", "widths of hidden layers") { text in
            let words = text.split(separator: " ")
            let widths = words.compactMap { Int($0) }.filter { (1...1 << 20).contains($0) }
            return widths.count == words.count ? widths : nil
        }
        let layers = ActorLayers(
            Self.path, stateCount: head.stateCount, box: head.box, hidden: hidden)
        self.init(
            stateCount: head.stateCount, box: head.box, hidden: hidden,
            try Parameters(reading: file, for: layers))
    }
}

extension PlanCache {
    /// An output for inputs of any sizes.
    ///
    /// - Throws: What compiling throws.
    func result(for inputs: [String: Tensor<Float>], _ output: String) throws -> Tensor<Float> {
        let plan = try plan(for: inputs.mapValues(\.shape))
        for (name, value) in inputs { plan.setInput(name, value) }
        try plan.run()
        return plan.result(output)
    }
}
