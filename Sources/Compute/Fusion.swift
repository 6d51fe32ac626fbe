// What a plan decides before it makes steps: which nodes ride on a convolution, which values
// keep reduced precision, and which live inside a concatenation.
import COneDNN
import Graphs
import Tensors

/// Decisions about a graph of known shapes.
struct Fusion {
    /// For each node, how often its values are read (shapes do not count), outputs included.
    private(set) var uses: [Int]
    /// For each convolution, the nodes that it computes on the way out, in order.
    private(set) var absorbed: [Int: [Int]] = [:]
    /// Absorbed nodes, by the convolution that computes them.
    private(set) var absorber: [Int: Int] = [:]
    /// Blocks that are computed in 8 bits, by their second convolution, which absorbs all of them.
    private(set) var residualBlocks: [Int: ResidualBlock8] = [:]
    /// The node whose result a node merely repeats (same shape, no work).
    private(set) var source: [Int]
    /// Element type of each node's value.
    private(set) var types: [dnnl_data_type_t] = []
    /// Values that are written straight into a concatenation: its node and the first channel.
    private(set) var home: [Int: (concatenation: Int, channel: Int)] = [:]
    /// Values that are written row-major into a row-major concatenation: its node and the first element.
    private(set) var plainHome: [Int: (concatenation: Int, element: Int)] = [:]

    private let graph: Graph, shapes: [Shape]
    private var consumers: [[Int]]

    init(
        _ graph: Graph, shapes: [Shape], precision: Precision, calibration: Calibration? = nil
    ) {
        self.graph = graph
        self.shapes = shapes
        source = Array(graph.nodes.indices)
        uses = [Int](repeating: 0, count: graph.nodes.count)
        consumers = [[Int]](repeating: [], count: graph.nodes.count)
        elideRepetitions()
        countUses()
        absorbIntoConvolutions()
        if precision == .int8, let calibration { absorbBlocks(calibration) }
        chooseTypes(precision)
        placeInConcatenations()
        placeInPlainConcatenations()
    }

    /// The inputs of a node whose values are read, repetitions skipped.
    func valueInputs(_ index: Int) -> [Int] {
        let node = graph.nodes[index]
        let shapeOnly = Set(node.operation.shapeOnlyInputs)
        return node.inputs.indices.filter { !shapeOnly.contains($0) }.map {
            source[node.inputs[$0]]
        }
    }

    private mutating func elideRepetitions() {
        for (index, node) in graph.nodes.enumerated() {
            let repeats =
                switch node.operation {
                case is SumLike, is BroadcastLike, is Reshape, is ReshapeLike:
                    shapes[index] == shapes[node.inputs[0]]
                case let affine as Affine: affine.scale == 1 && affine.offset == 0
                case is GradientReversal, is Identity: true
                default: false
                }
            if repeats { source[index] = source[node.inputs[0]] }
        }
    }

    private mutating func countUses() {
        for index in graph.nodes.indices where source[index] == index {
            for input in valueInputs(index) {
                uses[input] += 1
                consumers[input].append(index)
            }
        }
        for output in graph.outputs { uses[source[output.node]] += 1 }
    }

    // MARK: - Post-operations

    private mutating func absorbIntoConvolutions() {
        for (index, node) in graph.nodes.enumerated() where node.operation is Convolution {
            var last = index
            var chain: [Int] = []
            while uses[last] == 1, let next = consumers[last].first,
                isAbsorbable(next, after: last),
                chain.count < 4
            {
                chain.append(next)
                last = next
            }
            // A concatenation of work: everything else that the chain reads must exist before the
            // convolution's own place moves to the end of the chain.
            if !chain.isEmpty {
                absorbed[index] = chain
                for member in chain { absorber[member] = index }
            }
        }
    }

    private func isAbsorbable(_ index: Int, after previous: Int) -> Bool {
        guard absorber[index] == nil else { return false }
        switch graph.nodes[index].operation {
        case is LeakyReLU, is SiLU: return true
        // Channels that fill up a block must stay zero, which σ(0) is not.
        case is Sigmoid: return shapes[index][1] % Processor.channelBlock == 0
        case let affine as Affine: return affine.offset == 0
        case is Add:
            let inputs = valueInputs(index)
            return inputs[0] != inputs[1] && inputs.allSatisfy { shapes[$0] == shapes[index] }
        default: return false
        }
    }

    // MARK: - Blocks in 8 bits

    /// All residual blocks that could be computed in 8 bits.
    var possibleBlocks: [ResidualBlock8] {
        graph.nodes.indices.compactMap {
            ResidualBlock8(endingIn: $0, graph: graph, shapes: shapes, fusion: self)
        }
    }

    private mutating func absorbBlocks(_ calibration: Calibration) {
        for block in possibleBlocks
        where block.isCalibrated(by: calibration, channels: shapes[block.input][1]) {
            residualBlocks[block.second] = block
            let members = [block.first, block.middle, block.result]
            absorbed[block.first] = nil
            absorbed[block.second] = members
            for member in members { absorber[member] = block.second }
        }
    }

    /// Whether node `index` is the result of a block in 8 bits that only such blocks read.
    private func isBetweenBlocks(_ index: Int) -> Bool {
        absorber[index].flatMap { residualBlocks[$0] }?.result == index
            && consumers[index].allSatisfy { reader in
                residualBlocks.values.contains { $0.first == reader || $0.result == reader }
            }
    }

    // MARK: - Element types

    private mutating func chooseTypes(_ precision: Precision) {
        types = [dnnl_data_type_t](repeating: dnnl_f32, count: graph.nodes.count)
        guard precision != .f32 else { return }
        let outputs = Set(graph.outputs.map { source[$0.node] })
        // Backwards: a value is reduced where everything that reads it works in reduced precision
        // anyway; what meets Float arithmetic or leaves the graph stays Float.
        for index in graph.nodes.indices.reversed() where source[index] == index {
            guard canBeReduced(index), !outputs.contains(index), shapes[index].rank == 4 else {
                continue
            }
            let isRead =
                precision.float == .bf16 && consumers[index].allSatisfy { readsReduced($0) }
            if isRead || isBetweenBlocks(index) { types[index] = dnnl_bf16 }
        }
    }

    /// Whether node `index` convolves with a constant: the window of a measure, such as SSIM's,
    /// which takes differences of nearly equal sums. Those stay Float.
    func convolvesWithConstant(_ index: Int) -> Bool {
        let node = graph.nodes[index]
        switch node.operation {
        case is Convolution, is ConvolutionBackwardData:
            return graph.nodes[source[node.inputs[1]]].operation is Constant
        default: return false
        }
    }

    private func canBeReduced(_ index: Int) -> Bool {
        if convolvesWithConstant(index) { return false }
        switch graph.nodes[index].operation {
        case is Convolution, is ConvolutionBackwardData, is LeakyReLU, is LeakyReLUBackward, is Add:
            return true
        case let affine as Affine: return affine.offset == 0
        case is Concatenate, is ConcatenatedPart: return true
        case is SiLU: return absorber[index] != nil
        case let resize as Resize: return resize.repeatsPixels
        default: return false
        }
    }

    private func readsReduced(_ index: Int) -> Bool {
        if convolvesWithConstant(index) { return false }
        switch graph.nodes[index].operation {
        case is Convolution, is ConvolutionBackwardData, is ConvolutionBackwardWeights,
            is ChannelSum:
            return true
        default: return types[index] == dnnl_bf16
        }
    }

    // MARK: - Concatenations in place

    private mutating func placeInConcatenations() {
        let block = Processor.channelBlock
        for (index, node) in graph.nodes.enumerated().reversed()
        where source[index] == index && (node.operation as? Concatenate)?.axis == 1 {
            let shape = shapes[index]
            guard shape.rank == 4, shape[0] == 1 else { continue }
            let inputs = node.inputs.map { source[$0] }
            guard Set(inputs).count == inputs.count,
                inputs.allSatisfy({
                    shapes[$0][1] % block == 0 && types[$0] == types[index]
                        && !(graph.nodes[$0].operation is any SourceOperation)
                })
            else { continue }
            // The parts may stand in a larger whole already: then this one is a run inside it.
            let (root, first) = home[index] ?? home[inputs[0]] ?? (index, 0)
            var channel = first
            var places: [(Int, Int)] = []
            for input in inputs {
                if let place = home[input], place != (root, channel) {
                    places = []
                    break
                }
                places.append((input, channel))
                channel += shapes[input][1]
            }
            guard places.count == inputs.count else { continue }
            for (input, channel) in places { home[input] = (root, channel) }
            home[index] = (root, first)
        }
    }

    /// Where nothing stands before the axis of a concatenation, its parts lie one behind another.
    private mutating func placeInPlainConcatenations() {
        for (index, node) in graph.nodes.enumerated()
        where source[index] == index && home[index] == nil && types[index] == dnnl_f32 {
            guard let axis = (node.operation as? Concatenate)?.axis else { continue }
            let shape = shapes[index]
            guard shape.dimensions[..<(axis < 0 ? axis + shape.rank : axis)].allSatisfy({ $0 == 1 })
            else { continue }
            let inputs = node.inputs.map { source[$0] }
            guard Set(inputs).count == inputs.count else { continue }
            var element = 0
            for input in inputs {
                if home[input] == nil, plainHome[input] == nil, types[input] == dnnl_f32,
                    !(graph.nodes[input].operation is any SourceOperation)
                {
                    plainHome[input] = (index, element)
                }
                element += shapes[input].count
            }
        }
    }
}
