// What a convolution does to its result before it writes it: scale, residual, activation.
import COneDNN
import Graphs

/// The operations that ride on one convolution.
struct PostOperations {
    /// An operand that a post-operation reads.
    struct Operand {
        let node: Int, position: Int32
        /// nil: the layout of the convolution's own result.
        let layout: Layout?
    }

    /// Post-operations for one choice of layout.
    struct Built {
        let handle: dnnl_post_ops_t?
        var operands: [Operand] = []
        /// The value in whose place the sum is made, or nil.
        var accumulator: Int?

        func destroy() { dnnl_post_ops_destroy(handle) }
    }

    /// A factor that can go into the weights, because the first operation is a product.
    let leadingScale: Double
    private let lowering: Lowering
    private let chain: [Int]
    private let accumulator: Int?

    init(_ lowering: Lowering, _ chain: [Int], convolution: Int) {
        self.lowering = lowering
        var rest = chain[...]
        var scale = 1.0
        let node = lowering.graph.nodes[convolution]
        let weightsAreFixed = node.inputs.dropFirst().allSatisfy(lowering.isParameterDerived)
        if let first = rest.first,
            case let affine as Affine = lowering.graph.nodes[first].operation, weightsAreFixed
        {
            scale = affine.scale
            rest = rest.dropFirst()
        }
        leadingScale = scale
        self.chain = Array(rest)
        accumulator = PostOperations.accumulator(
            lowering, Array(rest), final: chain.last ?? convolution, convolution: convolution)
    }

    /// The residual operand in whose place the result may be written: dead afterwards, of the
    /// result's type, added first, and not what the convolution itself reads.
    private static func accumulator(
        _ lowering: Lowering, _ chain: [Int], final: Int, convolution: Int
    ) -> Int? {
        guard let first = chain.first, lowering.graph.nodes[first].operation is Add,
            !lowering.hasHome(final)
        else { return nil }
        let other = outsideOperand(lowering, first)
        let x = lowering.fusion.source[lowering.graph.nodes[convolution].inputs[0]]
        guard lowering.isLastUse(other), other != x, !lowering.isParameterDerived(other),
            !lowering.hasHome(other), lowering.type(of: other) == lowering.type(of: final),
            !(lowering.graph.nodes[other].operation is any SourceOperation),
            !lowering.isShared(other)
        else { return nil }
        return other
    }

    /// The operand of an absorbed addition that does not come down the chain.
    private static func outsideOperand(_ lowering: Lowering, _ index: Int) -> Int {
        let fusion = lowering.fusion
        let convolution = fusion.absorber[index]!
        let members = Set([convolution] + fusion.absorbed[convolution]!)
        return fusion.valueInputs(index).first { !members.contains($0) }!
    }

    /// Whether another value is read, whose layout must match the result's.
    var readsOperands: Bool { chain.contains { lowering.graph.nodes[$0].operation is Add } }

    /// One thing that is done to the result.
    enum Action {
        case rectify(slope: Float), scale(Float), silu, sigmoid
        /// Adds the value of a node, in whose place the sum is made if `inPlace`.
        case add(node: Int, inPlace: Bool)

        var isSigmoid: Bool {
            if case .sigmoid = self { true } else { false }
        }
    }

    /// What is done, in order.
    var actions: [Action] {
        chain.enumerated().map { position, index in
            switch lowering.graph.nodes[index].operation {
            case let relu as LeakyReLU: return .rectify(slope: Float(relu.slope))
            case let affine as Affine: return .scale(Float(affine.scale))
            case is SiLU: return .silu
            case is Sigmoid: return .sigmoid
            case is Add:
                let other = Self.outsideOperand(lowering, index)
                return .add(node: other, inPlace: other == accumulator && position == 0)
            default: preconditionFailure("not a post-operation")
            }
        }
    }

    /// Post-operations for a result in layout `target`.
    func build(for target: Layout) throws -> Built {
        var handle: dnnl_post_ops_t?
        try PlanError.check(dnnl_post_ops_create(&handle), "post-operations")
        var built = Built(handle: handle)
        for (position, action) in actions.enumerated() {
            switch action {
            case .rectify(let slope): percept_append_eltwise(handle, dnnl_eltwise_relu, slope, 0)
            case .scale(let scale): percept_append_eltwise(handle, dnnl_eltwise_linear, scale, 0)
            case .silu: percept_append_eltwise(handle, dnnl_eltwise_swish, 1, 0)
            case .sigmoid: percept_append_eltwise(handle, dnnl_eltwise_logistic, 0, 0)
            case .add(let other, inPlace: true):
                percept_append_sum(handle, 1)
                built.accumulator = other
            case .add(let other, inPlace: false):
                percept_append_binary(handle, dnnl_binary_add, lowering.handle(target))
                built.operands.append(
                    Operand(node: other, position: Int32(position), layout: nil))
            }
        }
        return built
    }
}
