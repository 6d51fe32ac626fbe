// Steps that run kernels of our own, most of them on row-major Float planes.
import CKernels
import Graphs
import Tensors

/// A kernel of our own: reads regions, writes one; Float unless the kernel knows better.
final class KernelStep: Step {
    /// Addresses of what is read, the address written, and the number of threads.
    typealias Body = ([UnsafeMutablePointer<Float>], UnsafeMutablePointer<Float>, Int32) -> Void

    let name: String
    let reads: [Region], writes: [Region]
    let scratchByteCount = 0
    private let threads: Int32
    private let body: Body
    private var inputs: [UnsafeMutablePointer<Float>] = []
    private var output: UnsafeMutablePointer<Float>?

    init(
        _ operation: String, reads: [Region], write: Region, threads: Int, body: @escaping Body
    ) {
        name = operation + " percept"
        self.reads = reads
        writes = [write]
        self.threads = Int32(threads)
        self.body = body
    }

    func bind(memory: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer) throws {
        func address(_ region: Region) -> UnsafeMutablePointer<Float> {
            (memory + region.storage.offset + region.byteOffset).assumingMemoryBound(
                to: Float.self)
        }
        inputs = reads.map(address)
        output = address(writes[0])
    }

    func run() throws { body(inputs, output!, threads) }
}

/// A sparse matrix that mixes the rows, or the columns, of a plane.
///
/// Resizing, padding, cropping and pooling treat rows and columns apart, so that two small
/// matrices say all: `y = rows * x * columns'`. The backward operation has them transposed.
final class PlaneTaps {
    private var start: [Int32] = [0], source: [Int32] = [], weight: [Float] = []

    /// For each result, what it reads and how much of it counts.
    init(_ rows: [[(source: Int, weight: Double)]]) {
        for row in rows {
            for tap in row where tap.weight != 0 {
                source.append(Int32(tap.source))
                weight.append(Float(tap.weight))
            }
            start.append(Int32(source.count))
        }
    }

    /// Every result reads one position whole, or nothing where that is nil.
    static func positions(_ positions: [Int?]) -> [[(source: Int, weight: Double)]] {
        positions.map { $0.map { [($0, 1)] } ?? [] }
    }

    /// The matrix with rows and columns exchanged, for inputs of the given extent.
    static func transposed(
        _ rows: [[(source: Int, weight: Double)]], extent: Int
    ) -> [[(source: Int, weight: Double)]] {
        var result = [[(source: Int, weight: Double)]](repeating: [], count: extent)
        for (row, taps) in rows.enumerated() {
            for tap in taps { result[tap.source].append((row, tap.weight)) }
        }
        return result
    }

    func withTaps<Result>(_ body: (percept_taps) -> Result) -> Result {
        start.withUnsafeBufferPointer { start in
            source.withUnsafeBufferPointer { source in
                weight.withUnsafeBufferPointer { weight in
                    body(
                        percept_taps(
                            count: Int32(start.count - 1), start: start.baseAddress,
                            source: source.baseAddress, weight: weight.baseAddress))
                }
            }
        }
    }
}
