// The things a plan does, one after the other.
import COneDNN
import Graphs
import Tensors

/// A failure of the library below a plan.
public struct PlanError: Error, CustomStringConvertible {
    /// What could not be compiled or run, and oneDNN's reason.
    public let operation: String, reason: String

    /// `oneDNN cannot compile Convolution: unimplemented`.
    public var description: String { "oneDNN cannot run \(operation): \(reason)" }

    static func check(_ status: dnnl_status_t, _ operation: @autoclosure () -> String) throws {
        guard status != dnnl_success else { return }
        let reasons: [UInt32: String] = [
            UInt32(dnnl_out_of_memory.rawValue): "out of memory",
            UInt32(dnnl_invalid_arguments.rawValue): "invalid arguments",
            UInt32(dnnl_unimplemented.rawValue): "unimplemented",
            UInt32(dnnl_runtime_error.rawValue): "runtime error",
        ]
        throw PlanError(
            operation: operation(), reason: reasons[UInt32(status.rawValue)] ?? "status \(status)")
    }
}

/// The processor as oneDNN sees it.
final class Engine: @unchecked Sendable {
    let handle: dnnl_engine_t
    let stream: dnnl_stream_t

    private init() {
        var engine: dnnl_engine_t?
        var stream: dnnl_stream_t?
        guard dnnl_engine_create(&engine, dnnl_cpu, 0) == dnnl_success, let engine,
            dnnl_stream_create(&stream, engine, UInt32(dnnl_stream_default_flags.rawValue))
                == dnnl_success, let stream
        else { preconditionFailure("oneDNN has no CPU engine") }
        handle = engine
        self.stream = stream
    }

    static let shared = Engine()
}

/// One thing a plan does.
protocol Step: AnyObject {
    /// What it is, for listings: operation and kernel.
    var name: String { get }
    /// Regions that are read and written.
    var reads: [Region] { get }
    var writes: [Region] { get }
    /// Bytes of working memory that steps share.
    var scratchByteCount: Int { get }
    /// Ties regions to addresses once memory is planned, and again where storages have moved.
    func bind(memory: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer) throws
    func run() throws
}

/// A oneDNN primitive with its arguments.
final class PrimitiveStep: Step {
    let name: String
    let reads: [Region], writes: [Region]
    let scratchByteCount: Int
    private let primitive: dnnl_primitive_t
    private let arguments: [(kind: Int32, region: Region)]
    private let scratchLayout: percept_layout?
    private var memories: [dnnl_memory_t] = []
    private var bound: [dnnl_exec_arg_t] = []

    /// Takes a primitive descriptor over and makes the primitive.
    init(
        _ operation: String, _ description: dnnl_primitive_desc_t,
        reads: [(Int32, Region)], writes: [(Int32, Region)]
    ) throws {
        defer { dnnl_primitive_desc_destroy(description) }
        name = operation + " " + kernelName(description)
        var primitive: dnnl_primitive_t?
        try PlanError.check(dnnl_primitive_create(&primitive, description), operation)
        self.primitive = primitive!
        scratchLayout = percept_query_layout(description, dnnl_query_scratchpad_md, 0)
        scratchByteCount = scratchLayout.map { percept_layout_size($0) } ?? 0
        self.reads = reads.map(\.1)
        self.writes = writes.map(\.1)
        arguments = reads + writes
    }

    deinit {
        memories.forEach { dnnl_memory_destroy($0) }
        dnnl_primitive_destroy(primitive)
        scratchLayout.map { percept_layout_free($0) }
    }

    func bind(memory: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer) throws {
        guard memories.isEmpty else {
            for (known, (_, region)) in zip(memories, arguments) {
                let address = memory + region.storage.offset + region.byteOffset
                try PlanError.check(dnnl_memory_set_data_handle(known, address), name)
            }
            return
        }
        for (kind, region) in arguments {
            let address = memory + region.storage.offset + region.byteOffset
            try bind(kind, region.layout.handle, address)
        }
        if scratchByteCount > 0, let scratchLayout {
            try bind(Int32(DNNL_ARG_SCRATCHPAD), scratchLayout, scratch)
        }
    }

    private func bind(
        _ kind: Int32, _ layout: percept_layout, _ address: UnsafeMutableRawPointer
    ) throws {
        var memory: dnnl_memory_t?
        try PlanError.check(percept_memory(&memory, layout, Engine.shared.handle, address), name)
        memories.append(memory!)
        bound.append(dnnl_exec_arg_t(arg: kind, memory: memory))
    }

    func run() throws {
        let status = dnnl_primitive_execute(
            primitive, Engine.shared.stream, Int32(bound.count), bound)
        try PlanError.check(status, name)
    }
}

/// An operation without a kernel of its own: computed by its reference, in Float.
final class ReferenceStep: Step {
    let name: String
    let reads: [Region], writes: [Region]
    let scratchByteCount = 0
    private let operation: any Operation
    private let inputShapes: [Shape]
    private let shapeOnly: Set<Int>
    private var inputs: [UnsafeMutablePointer<Float>?] = []
    private var output: UnsafeMutablePointer<Float>?

    /// `inputs` are plain Float regions, nil where only the shape matters.
    init(_ operation: any Operation, inputs: [Region?], shapes: [Shape], output: Region) {
        self.operation = operation
        name = operation.kind + " reference"
        inputShapes = shapes
        shapeOnly = Set(inputs.indices.filter { inputs[$0] == nil })
        reads = inputs.compactMap { $0 }
        writes = [output]
    }

    func bind(memory: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer) throws {
        func address(_ region: Region) -> UnsafeMutablePointer<Float> {
            (memory + region.storage.offset + region.byteOffset).assumingMemoryBound(
                to: Float.self)
        }
        var remaining = reads.makeIterator()
        inputs = inputShapes.indices.map { index in
            shapeOnly.contains(index) ? nil : remaining.next().map(address)
        }
        output = address(writes[0])
    }

    func run() throws {
        let tensors = zip(inputs, inputShapes).map { pointer, shape in
            guard let pointer else { return Tensor<Float>(shape: shape) { _ in } }
            return Tensor<Float>(shape: shape) {
                $0.baseAddress!.update(from: pointer, count: shape.count)
            }
        }
        operation.forward(tensors).withUnsafeBufferPointer { result in
            output!.update(from: result.baseAddress!, count: result.count)
        }
    }
}

/// Zeros, before something smaller is written into a larger picture.
final class ZeroStep: Step {
    let name = "zero"
    let reads: [Region] = []
    let writes: [Region]
    let scratchByteCount = 0
    private var address: UnsafeMutableRawPointer?

    init(_ region: Region) { writes = [region] }

    func bind(memory: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer) throws {
        address = memory + writes[0].storage.offset + writes[0].byteOffset
    }

    func run() throws {
        address!.initializeMemory(as: UInt8.self, repeating: 0, count: writes[0].layout.byteCount)
    }
}

/// The name of the kernel that oneDNN chose.
func kernelName(_ description: dnnl_primitive_desc_t) -> String {
    percept_kernel_name(description).map { String(cString: $0) } ?? "?"
}
