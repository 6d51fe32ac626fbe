// A graph compiled on oneDNN for given sizes: fused, laid out, its memory planned once.
import CKernels
import COneDNN
import Graphs
import Tensors

/// How a value stands in memory at the border of a plan.
public enum BorderFormat: Sendable {
    /// Row-major Float.
    case plainFloat
    /// Channel-blocked in the plan's own precision: `[N, C / block, H, W, block]`.
    case blocked
    /// Channel-blocked Float.
    case blockedFloat
    /// Row-major or channel-blocked Float, for an output: whichever spares the plan a copy.
    case unmoved
}

/// How a graph is compiled.
public struct PlanOptions: Sendable {
    /// Type of activations.
    public var precision: Precision
    /// Number of threads; the results of forward plans do not depend on it.
    public var threads: Int
    /// Formats of inputs and outputs by name; row-major Float unless said.
    public var formats: [String: BorderFormat]
    /// Whether 3x3 convolutions in bf16 may be computed by Winograd's F(2x2, 3x3), which rounds twice.
    public var usesWinograd: Bool
    /// What int8 must know of the network; without it everything is computed in floats.
    public var calibration: Calibration?
    /// Outputs that become inputs of the next run by ``Plan/carry()``: the input's name by the output's.
    public var carried: [String: String]
    /// Whether it is run many times before parameters change, so that putting them in order once pays.
    public var isRepeated: Bool

    public init(
        precision: Precision = .f32, threads: Int = 1, formats: [String: BorderFormat] = [:],
        usesWinograd: Bool = true, calibration: Calibration? = nil, carried: [String: String] = [:],
        isRepeated: Bool = false
    ) {
        self.precision = precision
        self.threads = threads
        self.formats = formats
        self.usesWinograd = usesWinograd
        self.calibration = calibration
        self.carried = carried
        self.isRepeated = isRepeated
    }
}

/// A graph compiled for given input sizes, one precision and one number of threads.
///
/// A plan belongs to the thread that runs it; it allocates no tensor memory after it is made.
public final class Plan {
    /// How it was compiled; `precision` is f32 where this processor cannot compute in bf16.
    public let options: PlanOptions
    let steps: [any Step], parameterSteps: [any Step]
    let memory: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer
    let inputs: [String: Region], parameters: [String: Region]
    let outputs: [(name: String, region: Region, shape: Shape)]
    /// What a run hands to the next one.
    let carriedValues: [CarriedValue]
    private var parametersChanged = true
    // Storages hold the offsets that regions point to.
    private let storages: [Storage]

    /// Bytes that the plan's values occupy, working memory included.
    public let byteCount: Int

    /// Compiles `graph` for inputs and parameters of the given shapes.
    ///
    /// - Throws: `ShapeError` where shapes do not fit, `PlanError` where oneDNN refuses.
    public init(_ graph: Graph, shapes: [String: Shape], options: PlanOptions = PlanOptions())
        throws
    {
        var options = options
        if !Processor.hasAVX512, options.precision == .bf16 { options.precision = .f32 }
        self.options = options
        // Kernels size their working memory for the threads they are made with.
        percept_set_threads(Int32(options.threads))
        let known = try graph.shapes { shapes[$0] }
        let lowering = try Lowering(graph, shapes: known, options: options)
        inputs = graph.inputs.mapValues { lowering.anyPlace($0) }
        parameters = try graph.parameters.mapValues { try lowering.plain($0) }
        outputs = try graph.outputs.map { name, node in
            let format = options.formats[name] ?? .plainFloat
            let layout =
                switch format {
                case .plainFloat: Layout(known[node], dnnl_f32)
                case .blocked: Layout(known[node], options.precision.dataType, .blocked)
                case .blockedFloat: Layout(known[node], dnnl_f32, .blocked)
                case .unmoved: lowering.borderLayout(of: node)
                }
            let region = try lowering.place(node, in: layout)
            region.storage.isPersistent = true
            return (name, region, known[node])
        }
        carriedValues = CarriedValue.all(
            options.carried, lowering, inputs: inputs, parameters: parameters, outputs: outputs)
        steps = lowering.steps
        parameterSteps = lowering.parameterSteps
        storages = lowering.storages
        let valueBytes = MemoryPlanner.place(storages)
        let scratchBytes = (steps + parameterSteps).map(\.scratchByteCount).max() ?? 0
        byteCount = valueBytes + scratchBytes
        memory = .allocate(byteCount: max(valueBytes, 64), alignment: 4096)
        scratch = .allocate(byteCount: max(scratchBytes, 64), alignment: 4096)
        // Padded channels must be zero, and stay so: kernels keep them.
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: max(valueBytes, 64))
        for (region, values) in lowering.constants { write(values, to: region) }
        for step in parameterSteps + steps { try step.bind(memory: memory, scratch: scratch) }
    }

    deinit {
        memory.deallocate()
        scratch.deallocate()
    }

    func address(_ region: Region) -> UnsafeMutableRawPointer {
        memory + region.storage.offset + region.byteOffset
    }

    private func write(_ values: Tensor<Float>, to region: Region) {
        guard region.layout.isPlain else { return writeBlocked(values, to: region) }
        let target = address(region).assumingMemoryBound(to: Float.self)
        values.withUnsafeBufferPointer { target.update(from: $0.baseAddress!, count: $0.count) }
    }

    // MARK: - Parameters

    /// Sets parameters by path; those not named keep their values.
    public func setParameters(_ values: [String: Tensor<Float>]) {
        for (path, value) in values {
            guard let region = parameters[path] else { continue }
            precondition(
                value.shape == region.layout.shape,
                "\(path): \(value.shape) for \(region.layout.shape)")
            write(value, to: region)
        }
        parametersChanged = true
    }

    // MARK: - Running

    /// Writes an input given row-major; its format must be one of Float.
    public func setInput(_ name: String, _ value: Tensor<Float>) {
        guard let region = inputs[name] else { preconditionFailure("no input '\(name)'") }
        precondition(
            value.shape == region.layout.shape && region.layout.type == dnnl_f32,
            "\(name): \(value.shape) for \(region.layout.shape)")
        write(value, to: region)
    }

    /// The memory of an input in its border format, to be written before `run`.
    public func input(_ name: String) -> UnsafeMutableRawBufferPointer {
        guard let region = inputs[name] else { preconditionFailure("no input '\(name)'") }
        return UnsafeMutableRawBufferPointer(
            start: address(region), count: region.layout.byteCount)
    }

    /// The memory of an output in its border format, valid until the next `run`.
    public func output(_ name: String) -> UnsafeRawBufferPointer {
        guard let found = outputs.first(where: { $0.name == name }) else {
            preconditionFailure("no output '\(name)'")
        }
        return UnsafeRawBufferPointer(
            start: address(found.region), count: found.region.layout.byteCount)
    }

    /// An output as a tensor; its format must be one of Float.
    public func result(_ name: String) -> Tensor<Float> {
        guard let found = outputs.first(where: { $0.name == name }) else {
            preconditionFailure("no output '\(name)'")
        }
        return read(found.region, shape: found.shape)
    }

    func read(_ region: Region, shape: Shape) -> Tensor<Float> {
        precondition(region.layout.type == dnnl_f32, "\(shape) is not in Float")
        guard region.layout.isPlain else { return readBlocked(region, shape: shape) }
        let source = address(region).assumingMemoryBound(to: Float.self)
        return Tensor(shape: shape) {
            $0.baseAddress!.update(from: source, count: shape.count)
        }
    }

    /// Computes the outputs from what was written to inputs and parameters.
    public func run() throws {
        percept_set_threads(Int32(options.threads))
        if parametersChanged {
            for step in parameterSteps { try step.run() }
            parametersChanged = false
        }
        for step in steps { try step.run() }
    }

    /// Runs on the given inputs and returns the outputs.
    public func run(_ values: [String: Tensor<Float>]) throws -> [String: Tensor<Float>] {
        for (name, value) in values { setInput(name, value) }
        try run()
        return Dictionary(uniqueKeysWithValues: outputs.map { ($0.name, result($0.name)) })
    }

    /// Runs several times and returns the shortest time of each step, in seconds.
    public func profile(runs: Int) throws -> [(step: String, seconds: Double)] {
        try run()
        var shortest = [Double](repeating: .infinity, count: steps.count)
        let clock = ContinuousClock()
        for _ in 0..<runs {
            for (index, step) in steps.enumerated() {
                let time = try clock.measure { try step.run() }.components
                let seconds = Double(time.seconds) + Double(time.attoseconds) * 1e-18
                shortest[index] = min(shortest[index], seconds)
            }
        }
        return zip(steps, shortest).map { ($0.name, $1) }
    }

    /// What the plan does, a line a step: operation and kernel.
    public var listing: [String] { steps.map(\.name) }
    /// What the plan does when parameters change.
    public var parameterListing: [String] { parameterSteps.map(\.name) }
}

/// Gives storages offsets so that those in use at the same time do not overlap.
enum MemoryPlanner {
    /// Places storages, largest first, each at the lowest free offset; returns the bytes needed.
    static func place(_ storages: [Storage]) -> Int {
        let alignment = 128
        func rounded(_ count: Int) -> Int { (count + alignment - 1) / alignment * alignment }
        var end = 0
        for storage in storages where storage.isPersistent {
            storage.offset = end
            end += rounded(storage.byteCount)
        }
        let base = end
        var placed: [Storage] = []
        let transient = storages.filter { !$0.isPersistent && $0.lastStep >= 0 }
        for storage in transient.sorted(by: { $0.byteCount > $1.byteCount }) {
            let busy =
                placed
                .filter { $0.firstStep <= storage.lastStep && storage.firstStep <= $0.lastStep }
                .sorted { $0.offset < $1.offset }
            var offset = base
            for other in busy where other.offset < offset + rounded(storage.byteCount) {
                offset = max(offset, other.offset + rounded(other.byteCount))
            }
            storage.offset = offset
            placed.append(storage)
            end = max(end, offset + rounded(storage.byteCount))
        }
        return end
    }
}
