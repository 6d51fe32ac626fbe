// Functions of single elements that follow one another are computed together: each value is read once.
import CKernels
import COneDNN
import Graphs
import Tensors

/// Nodes of one shape that wait to be computed together.
final class ElementwiseGroup {
    /// What a node computes from the values of one or two nodes.
    struct Line {
        let node: Int
        let kind: percept_line_kind
        let a: Int, b: Int?
        var scale: Float = 1, offset: Float = 0
        var isSum: Bool { kind == PERCEPT_LINE_SUM }
        var operands: [Int] { [a] + (b.map { [$0] } ?? []) }
    }

    let shape: Shape, layout: Layout
    private(set) var lines: [Line] = []
    /// What is read from memory: nodes outside.
    private(set) var inputs: [Int] = []

    init(shape: Shape, layout: Layout) { (self.shape, self.layout) = (shape, layout) }

    func holds(_ node: Int) -> Bool { lines.contains { $0.node == node } }
    var isFull: Bool { lines.count == Int(PERCEPT_LINE_LIMIT) }

    func append(_ line: Line) {
        for node in line.operands where !holds(node) && !inputs.contains(node) {
            inputs.append(node)
        }
        lines.append(line)
    }
}

extension Lowering {
    /// Lets a node wait for others to be computed with; says whether it does.
    func postpone(_ index: Int, _ node: Graph.Node) throws -> Bool {
        guard fusion.types[index] == dnnl_f32, !hasHome(index), fusion.plainHome[index] == nil,
            let line = line(index, node)
        else { return false }
        // The operands that are read element by element; a single number must be there before.
        let whole = line.kind == PERCEPT_LINE_TIMES ? [line.a] : line.operands
        if line.kind == PERCEPT_LINE_TIMES, let single = line.b { try settle(single) }
        let shape = shapes[line.a]
        var group: ElementwiseGroup?
        for operand in whole {
            guard let other = waiting.first(where: { $0.holds(operand) }), other !== group else {
                continue
            }
            if other.shape != shape || other.isFull || !fits(index, other.layout) {
                try compute(other)
                continue
            }
            if let group { try compute(group) }
            group = other
        }
        if group == nil {
            // A sum alone has kernels of its own.
            if line.isSum { return false }
            let first = whole.first { !isParameterDerived($0) } ?? whole[0]
            let layout = workingLayout(of: first, for: index)
            group = waiting.first {
                $0.shape == shape && $0.layout == layout && !$0.isFull
            }
            if group == nil {
                group = ElementwiseGroup(shape: shape, layout: layout)
                waiting.append(group!)
            }
        }
        group!.append(line)
        return true
    }

    /// What the node computes, if it is one of those that wait.
    private func line(_ index: Int, _ node: Graph.Node) -> ElementwiseGroup.Line? {
        let inputs = fusion.valueInputs(index)
        guard let a = inputs.first, inputs.contains(where: { shapes[$0].count >= 64 }) else {
            return nil
        }
        let isEqual = inputs.allSatisfy { shapes[$0] == shapes[index] }
        func pair(_ kind: percept_line_kind) -> ElementwiseGroup.Line? {
            isEqual ? .init(node: index, kind: kind, a: a, b: inputs[1]) : nil
        }
        switch node.operation {
        case is Add: return pair(PERCEPT_LINE_ADD)
        case is Subtract: return pair(PERCEPT_LINE_SUBTRACT)
        case is Multiply:
            if isEqual { return pair(PERCEPT_LINE_MULTIPLY) }
            let (full, single) = shapes[a] == shapes[index] ? (a, inputs[1]) : (inputs[1], a)
            guard shapes[full] == shapes[index], shapes[single].count == 1 else { return nil }
            return .init(node: index, kind: PERCEPT_LINE_TIMES, a: full, b: single)
        case let affine as Affine:
            return .init(
                node: index, kind: PERCEPT_LINE_AFFINE, a: a, b: nil, scale: Float(affine.scale),
                offset: Float(affine.offset))
        case let relu as LeakyReLU:
            return .init(
                node: index, kind: PERCEPT_LINE_RECTIFY, a: a, b: nil, scale: Float(relu.slope))
        case let backward as LeakyReLUBackward:
            guard isEqual else { return nil }
            return .init(
                node: index, kind: PERCEPT_LINE_RECTIFY_GRADIENT, a: a, b: inputs[1],
                scale: Float(backward.slope))
        case let sum as Sum where isOverAll(sum.over, shapes[a]):
            return .init(node: index, kind: PERCEPT_LINE_SUM, a: a, b: nil)
        case let mean as Mean where isOverAll(mean.over, shapes[a]):
            return .init(
                node: index, kind: PERCEPT_LINE_SUM, a: a, b: nil,
                scale: 1 / Float(shapes[a].count))
        default: return nil
        }
    }

    private func isOverAll(_ over: ReductionAxes, _ shape: Shape) -> Bool {
        guard let axes = over.axes else { return true }
        return Set(axes.map { $0 < 0 ? $0 + shape.rank : $0 }).count == shape.rank
    }

    private func fits(_ index: Int, _ layout: Layout) -> Bool {
        layout.isPlain || shapes[index].rank < 4 || keepsPaddingZero(index)
    }

    /// Computes what waits and node `index` reads.
    func settle(inputsOf index: Int) throws {
        guard !waiting.isEmpty else { return }
        for input in fusion.valueInputs(index) { try settle(input) }
    }

    private func settle(_ index: Int) throws {
        if let group = waiting.first(where: { $0.holds(index) }) { try compute(group) }
    }

    /// Computes all that waits.
    func settleAll() throws { while let group = waiting.first { try compute(group) } }

    private func compute(_ group: ElementwiseGroup) throws {
        waiting.removeAll { $0 === group }
        if group.lines.count == 1 {
            let index = group.lines[0].node
            try lowerNode(index, graph.nodes[index])
            consumeInputs(of: index)
            return
        }
        let lines = group.lines
        let inputs = try group.inputs.map { input in
            shapes[input] == group.shape
                ? try place(input, in: group.layout) : try plain(input)
        }
        // Which line reads a value last, and how often lines read it.
        var last: [Int: Int] = [:]
        var reads: [Int: Int] = [:]
        for (position, line) in lines.enumerated() {
            for operand in line.operands {
                last[operand] = position
                reads[operand, default: 0] += 1
            }
        }
        var taken: Set<Int> = []
        let results: [Region?] = lines.enumerated().map { position, line in
            let index = line.node
            guard fusion.uses[index] > reads[index] ?? 0 else { return nil }
            if line.isSum { return result(index, Layout(shapes[index], dnnl_f32)) }
            for (input, region) in zip(group.inputs, inputs)
            where last[input]! <= position && !taken.contains(input)
                && canBeReplaced(input, in: region, readsLeft: reads[input]!)
                && region.layout == group.layout
            {
                taken.insert(input)
                return region
            }
            return result(index, group.layout)
        }
        append(
            ElementwiseStep(
                lines, inputs: group.inputs, regions: inputs, results: results,
                names: lines.map { graph.nodes[$0.node].operation.kind },
                count: group.layout.byteCount / MemoryLayout<Float>.stride,
                threads: options.threads))
        for (line, region) in zip(lines, results) {
            if let region { define(line.node, at: region) }
            consumeInputs(of: line.node)
        }
    }
}

/// Runs the lines of a group.
final class ElementwiseStep: Step {
    let name: String
    let reads: [Region], writes: [Region]
    let scratchByteCount = 0
    private let results: [Region?]
    private let count: Int, threads: Int32
    private let lines: UnsafeMutableBufferPointer<percept_line>
    private let inputs: UnsafeMutableBufferPointer<UnsafePointer<Float>?>
    private let partial: UnsafeMutableBufferPointer<Double>

    init(
        _ lines: [ElementwiseGroup.Line], inputs nodes: [Int], regions: [Region],
        results: [Region?], names: [String], count: Int, threads: Int
    ) {
        name = names.joined(separator: "+") + " percept"
        (reads, writes) = (regions, results.compactMap { $0 })
        (self.results, self.count, self.threads) = (results, count, Int32(threads))
        let numbers = Dictionary(
            uniqueKeysWithValues: (nodes + lines.map(\.node)).enumerated().map { ($1, Int32($0)) })
        self.lines = .allocate(capacity: lines.count)
        _ = self.lines.initialize(
            from: lines.map { line in
                percept_line(
                    kind: Int32(line.kind.rawValue), a: numbers[line.a]!,
                    b: line.b.map { numbers[$0]! } ?? 0, scale: line.scale, offset: line.offset,
                    result: nil, sum: nil)
            })
        self.inputs = .allocate(capacity: nodes.count)
        self.inputs.initialize(repeating: nil)
        let blocks =
            (count + Int(PERCEPT_LINE_BLOCK) - 1) / Int(PERCEPT_LINE_BLOCK)
        partial = .allocate(capacity: max(blocks * lines.count { $0.isSum }, 1))
        partial.initialize(repeating: 0)
    }

    deinit {
        lines.deallocate()
        inputs.deallocate()
        partial.deallocate()
    }

    func bind(memory: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer) throws {
        func address(_ region: Region) -> UnsafeMutablePointer<Float> {
            (memory + region.storage.offset + region.byteOffset).assumingMemoryBound(
                to: Float.self)
        }
        for (position, region) in reads.enumerated() {
            inputs[position] = UnsafePointer(address(region))
        }
        for (position, region) in results.enumerated() {
            guard let region else { continue }
            if lines[position].kind == Int32(PERCEPT_LINE_SUM.rawValue) {
                lines[position].sum = address(region)
            } else {
                lines[position].result = address(region)
            }
        }
    }

    func run() throws {
        percept_run_lines(
            lines.baseAddress, Int32(lines.count), inputs.baseAddress, Int32(inputs.count), count,
            partial.baseAddress, threads)
    }
}
