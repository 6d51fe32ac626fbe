// From a graph of known shapes to steps: places for values, and the order of work.
import COneDNN
import Graphs
import Tensors

/// The state of compiling one graph.
final class Lowering {
    let graph: Graph
    let shapes: [Shape]
    let options: PlanOptions
    let fusion: Fusion
    /// Steps that run every time, and those that only depend on parameters.
    private(set) var steps: [any Step] = []
    private(set) var parameterSteps: [any Step] = []
    /// Everything that occupies memory.
    private(set) var storages: [Storage] = []
    /// Where each node's value stands, in one or more layouts.
    private var places: [[Region]]
    /// Reads of each node that are still to come.
    private var remaining: [Int]
    /// Whether a node follows from parameters and constants alone.
    private var isFixed: [Bool]
    /// Constants, written once.
    private(set) var constants: [(region: Region, values: Tensor<Float>)] = []
    /// Bias gradients that a convolution's weight gradient yields on the way.
    var sharedBiasGradients: [Int: Int] = [:]
    /// Which element of each window was largest, by the pooled picture, for the gradient.
    var poolingWorkspaces: [(input: Int, geometry: PoolingGeometry, region: Region)] = []
    let attributes: dnnl_primitive_attr_t
    /// Whether gradients are computed, whose forward pass keeps the more exact kernels.
    let isTraining: Bool
    /// Functions of single elements that wait to be computed together.
    var waiting: [ElementwiseGroup] = []
    private var isLoweringFixedNode = false
    private var kept: [Layout] = []
    /// Storages whose contents follow from parameters alone.
    private var fixedStorages: Set<ObjectIdentifier> = []
    /// Storages that several values share.
    private var sharedStorages: Set<ObjectIdentifier> = []
    /// Repacked copies, by where they came from.
    private var derivations: [Origin: [Region]] = [:]
    private struct Origin: Hashable {
        let storage: ObjectIdentifier, byteOffset: Int
    }
    /// Where row-major concatenations stand whose parts are written there.
    private var plainConcatenations: [Int: Region] = [:]

    init(_ graph: Graph, shapes: [Shape], options: PlanOptions) throws {
        self.graph = graph
        self.shapes = shapes
        self.options = options
        fusion = Fusion(
            graph, shapes: shapes, precision: options.precision, calibration: options.calibration)
        places = [[Region]](repeating: [], count: graph.nodes.count)
        remaining = fusion.uses
        isTraining = graph.nodes.contains {
            $0.operation is ConvolutionBackwardData || $0.operation is ConvolutionBackwardWeights
        }
        isFixed = [Bool](repeating: false, count: graph.nodes.count)
        var attributes: dnnl_primitive_attr_t?
        try PlanError.check(dnnl_primitive_attr_create(&attributes), "attributes")
        dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user)
        self.attributes = attributes!
        findSharedBiasGradients()
        for index in graph.nodes.indices { try lower(index) }
        try settleAll()
    }

    deinit { dnnl_primitive_attr_destroy(attributes) }

    /// The handle of a layout, which lives as long as this compilation: Swift would otherwise
    /// free a temporary before the C call that reads its handle.
    func handle(_ layout: Layout) -> percept_layout {
        kept.append(layout)
        return layout.handle
    }

    // MARK: - Values

    func type(of index: Int) -> dnnl_data_type_t { fusion.types[fusion.source[index]] }
    func isParameterDerived(_ index: Int) -> Bool { isFixed[fusion.source[index]] }
    func isLastUse(_ index: Int) -> Bool { remaining[fusion.source[index]] <= 1 }

    /// Whether the value of node `index`, which is read `readsLeft` times yet, may be overwritten where it stands.
    func canBeReplaced(_ index: Int, in region: Region, readsLeft: Int) -> Bool {
        remaining[index] == readsLeft && !isFixed[index] && !hasHome(index) && !isShared(index)
            && !(graph.nodes[index].operation is any SourceOperation)
            && !region.storage.isPersistent
    }

    /// A new place for a value.
    func allocate(_ layout: Layout, isPersistent: Bool = false) -> Region {
        let storage = Storage(
            byteCount: layout.byteCount, isPersistent: isPersistent || isLoweringFixedNode)
        storages.append(storage)
        if isLoweringFixedNode { fixedStorages.insert(ObjectIdentifier(storage)) }
        return Region(storage: storage, layout: layout)
    }

    /// The same memory under another layout, as the value of another node.
    func share(_ region: Region, as layout: Layout, byteOffset: Int = 0) -> Region {
        sharedStorages.insert(ObjectIdentifier(region.storage))
        return Region(
            storage: region.storage, byteOffset: region.byteOffset + byteOffset, layout: layout)
    }

    /// Whether other values live in the memory of node `index`.
    func isShared(_ index: Int) -> Bool {
        places[fusion.source[index]].contains {
            sharedStorages.contains(ObjectIdentifier($0.storage))
        }
    }

    /// A repacked copy of `origin`, made once; when parameters change, if it follows from them.
    func derived(
        from origin: Region, key layout: Layout, _ make: (Region) throws -> Void
    ) rethrows -> Region {
        let identity = ObjectIdentifier(origin.storage)
        let place = Origin(storage: identity, byteOffset: origin.byteOffset)
        if let known = derivations[place]?.first(where: { $0.layout == layout }) {
            return known
        }
        let wasFixed = isLoweringFixedNode
        isLoweringFixedNode = fixedStorages.contains(identity)
        defer { isLoweringFixedNode = wasFixed }
        let target = allocate(layout)
        try make(target)
        derivations[place, default: []].append(target)
        return target
    }

    /// Runs `body` so that its steps run when parameters change, if node `index` follows from
    /// them.
    func fixedAs<Result>(_ index: Int, _ body: () throws -> Result) rethrows -> Result {
        let wasFixed = isLoweringFixedNode
        isLoweringFixedNode = isParameterDerived(index)
        defer { isLoweringFixedNode = wasFixed }
        return try body()
    }

    /// The place for the result of node `index`: inside its concatenation where it has a home there
    /// and comes in the layout of that; else the concatenation copies it.
    func result(_ index: Int, _ layout: Layout) -> Region {
        if let region = plainHome(of: index), region.layout == layout { return region }
        guard let home = fusion.home[index] else { return allocate(layout) }
        let blocked = Layout(shapes[index], type(of: index), .blocked)
        guard layout == blocked else { return allocate(layout) }
        let root = home.concatenation
        if places[root].isEmpty {
            places[root] = [allocate(Layout(shapes[root], type(of: root), .blocked))]
        }
        let area = shapes[root][2] * shapes[root][3]
        let size = dnnl_data_type_size(type(of: root))
        let offset = home.channel * area * size
        return Region(storage: places[root][0].storage, byteOffset: offset, layout: blocked)
    }

    /// The place of node `index` inside a row-major concatenation, if it has one.
    private func plainHome(of index: Int) -> Region? {
        guard let home = fusion.plainHome[index], !isLoweringFixedNode else { return nil }
        let whole = plainConcatenation(home.concatenation)
        let offset = home.element * MemoryLayout<Float>.stride
        return Region(
            storage: whole.storage, byteOffset: whole.byteOffset + offset,
            layout: Layout(shapes[index], dnnl_f32))
    }

    /// Where the row-major concatenation `index` stands, from its first part on.
    func plainConcatenation(_ index: Int) -> Region {
        if let known = plainConcatenations[index] { return known }
        let region = result(index, Layout(shapes[index], dnnl_f32))
        plainConcatenations[index] = region
        sharedStorages.insert(ObjectIdentifier(region.storage))
        return region
    }

    /// Whether node `index` must be written channel-blocked, inside a concatenation.
    func hasHome(_ index: Int) -> Bool { fusion.home[index] != nil }

    /// Declares where the value of node `index` stands.
    func define(_ index: Int, at region: Region) {
        if places[index].contains(where: { $0.layout == region.layout }) { return }
        places[index].append(region)
    }

    /// Any place of a value, preferably of the given type.
    func anyPlace(_ index: Int, type: dnnl_data_type_t? = nil) -> Region {
        let regions = places[fusion.source[index]]
        precondition(!regions.isEmpty, "\(graph.nodes[index].operation.kind) has no value yet")
        return regions.first { $0.layout.type == type } ?? regions[0]
    }

    /// The order of Floats in which the value of node `index` leaves the plan without a copy, if it stands in one that
    /// borders know; else row-major.
    func borderLayout(of index: Int) -> Layout {
        if shapes[index].rank == 4 {
            let blocked = Layout(shapes[index], dnnl_f32, .blocked)
            if anyPlace(index, type: dnnl_f32).layout == blocked { return blocked }
        }
        return Layout(shapes[index], dnnl_f32)
    }

    /// The value of node `index` in exactly the given layout, reordered if it must be.
    func place(_ index: Int, in layout: Layout) throws -> Region {
        let index = fusion.source[index]
        if let exact = places[index].first(where: { $0.layout == layout }) { return exact }
        let origin = anyPlace(index, type: layout.type)
        let wasFixed = isLoweringFixedNode
        isLoweringFixedNode = isFixed[index]
        defer { isLoweringFixedNode = wasFixed }
        let target = result(index, layout)
        try reorder(from: origin, to: target, of: graph.nodes[index].operation.kind)
        places[index].append(target)
        return target
    }

    /// Copies the value of node `index` to `region`, unless it stands there.
    func bring(_ index: Int, to region: Region) throws {
        let isThere = places[index].contains {
            $0.storage === region.storage && $0.byteOffset == region.byteOffset
        }
        if isThere { return }
        try reorder(
            from: anyPlace(index, type: region.layout.type), to: region,
            of: graph.nodes[index].operation.kind)
        places[index].append(region)
    }

    /// The value of node `index`, row-major.
    func plain(_ index: Int, _ type: dnnl_data_type_t = dnnl_f32) throws -> Region {
        try place(index, in: Layout(shapes[index], type))
    }

    /// Appends a copy from one layout to another.
    func reorder(from origin: Region, to target: Region, of name: String) throws {
        var description: dnnl_primitive_desc_t?
        try PlanError.check(
            percept_reorder(
                &description, Engine.shared.handle, handle(origin.layout), handle(target.layout),
                attributes), "reorder of \(name)")
        append(
            try PrimitiveStep(
                "reorder", description!, reads: [(Int32(DNNL_ARG_FROM), origin)],
                writes: [(Int32(DNNL_ARG_TO), target)]))
    }

    /// Appends a step; those of parameters run when parameters change.
    func append(_ step: any Step) {
        if isLoweringFixedNode {
            parameterSteps.append(step)
        } else {
            for region in step.reads + step.writes { region.storage.touch(steps.count) }
            steps.append(step)
        }
    }

    /// The attributes of a primitive with post-operations, to be destroyed by the caller.
    func attributes(with operations: dnnl_post_ops_t?) throws -> dnnl_primitive_attr_t {
        var copy: dnnl_primitive_attr_t?
        try PlanError.check(dnnl_primitive_attr_clone(&copy, attributes), "attributes")
        try PlanError.check(dnnl_primitive_attr_set_post_ops(copy, operations), "attributes")
        return copy!
    }

    // MARK: - Nodes

    private func lower(_ index: Int) throws {
        guard fusion.source[index] == index, places[index].isEmpty || hasHome(index) else { return }
        let node = graph.nodes[index]
        // A source of which only the shape is read still has a place that callers write to.
        if fusion.uses[index] == 0, sharedBiasGradients[index] == nil,
            !(node.operation is any SourceOperation)
        {
            return
        }
        if let convolution = fusion.absorber[index] {
            guard fusion.absorbed[convolution]!.last == index else { return }
            isFixed[index] = false
            for member in [convolution] + fusion.absorbed[convolution]! {
                try settle(inputsOf: member)
            }
            if let block = fusion.residualBlocks[convolution] {
                try lowerResidualBlock(block)
            } else {
                try lowerConvolution(convolution, result: index)
            }
            for member in [convolution] + fusion.absorbed[convolution]! {
                consumeInputs(of: member)
            }
            return
        }
        if node.operation is Convolution, fusion.absorbed[index] != nil { return }
        let inputs = fusion.valueInputs(index)
        isFixed[index] =
            node.operation is Parameter || node.operation is Constant
            || (!inputs.isEmpty && inputs.allSatisfy { isFixed[$0] })
            || (inputs.isEmpty && !(node.operation is any SourceOperation))
        if !isFixed[index], try postpone(index, node) { return }
        try settle(inputsOf: index)
        isLoweringFixedNode = isFixed[index]
        defer { isLoweringFixedNode = false }
        try lowerNode(index, node)
        consumeInputs(of: index)
    }

    func consumeInputs(of index: Int) {
        for input in fusion.valueInputs(index) { remaining[input] -= 1 }
    }

    func lowerNode(_ index: Int, _ node: Graph.Node) throws {
        switch node.operation {
        case is Parameter:
            define(index, at: allocate(Layout(shapes[index], dnnl_f32), isPersistent: true))
        case let input as Input:
            define(index, at: allocate(borderLayout(input.name, index), isPersistent: true))
        case is Convolution: try lowerConvolution(index, result: index)
        case let operation as ConvolutionBackwardData:
            try lowerConvolutionBackwardData(index, operation.geometry)
        case let operation as ConvolutionBackwardWeights:
            try lowerConvolutionBackwardWeights(index, operation.geometry)
        case is ChannelSum where sharedBiasGradients[index] != nil: break
        default:
            if try lowerElementwise(index, node) { return }
            if try lowerBatchNorm(index, node) { return }
            if try lowerMovement(index, node) { return }
            if try lowerReduction(index, node) { return }
            if try lowerPlanes(index, node) { return }
            if try lowerSampling(index, node) { return }
            if try lowerPadding(index, node) { return }
            try lowerByReference(index, node)
        }
    }

    private func borderLayout(_ name: String, _ index: Int) -> Layout {
        switch options.formats[name] ?? .plainFloat {
        case .plainFloat, .unmoved: return Layout(shapes[index], dnnl_f32)
        case .blocked:
            return Layout(shapes[index], options.precision.dataType, .blocked)
        case .blockedFloat: return Layout(shapes[index], dnnl_f32, .blocked)
        }
    }

    private func lowerByReference(_ index: Int, _ node: Graph.Node) throws {
        if node.inputs.isEmpty || fusion.valueInputs(index).isEmpty {
            let inputs = node.inputs.map { Tensor<Float>(repeating: 0, shape: shapes[$0]) }
            let region = allocate(Layout(shapes[index], dnnl_f32), isPersistent: true)
            constants.append((region, node.operation.forward(inputs)))
            define(index, at: region)
            return
        }
        let shapeOnly = Set(node.operation.shapeOnlyInputs)
        let inputs = try node.inputs.indices.map { position -> Region? in
            shapeOnly.contains(position) ? nil : try plain(node.inputs[position])
        }
        let output = allocate(Layout(shapes[index], dnnl_f32))
        append(
            ReferenceStep(
                node.operation, inputs: inputs, shapes: node.inputs.map { shapes[$0] },
                output: output))
        define(index, at: output)
    }

    /// A value that is written once, when the plan is made.
    func addConstant(_ region: Region, _ values: Tensor<Float>) {
        constants.append((region, values))
    }

    /// Pairs each bias gradient with the weight gradient of the same cotangent.
    private func findSharedBiasGradients() {
        var weightGradients: [Int: Int] = [:]
        for (index, node) in graph.nodes.enumerated()
        where node.operation is ConvolutionBackwardWeights && fusion.uses[index] > 0 {
            weightGradients[fusion.source[node.inputs[0]]] = index
        }
        var taken: Set<Int> = []
        for (index, node) in graph.nodes.enumerated()
        where node.operation is ChannelSum && fusion.uses[index] > 0 {
            if let partner = weightGradients[fusion.source[node.inputs[0]]], partner < index,
                taken.insert(partner).inserted
            {
                sharedBiasGradients[index] = partner
            }
        }
    }

    /// The node whose bias gradient the weight gradient `index` also yields.
    func biasGradient(of index: Int) -> Int? {
        sharedBiasGradients.first { $0.value == index }?.key
    }
}
