// Calibrates a network: looks at what its residual blocks read while it computes examples in f32.
import Graphs
import Tensors

/// Collects the values that the convolutions of a network's residual blocks read.
///
/// Like a plan, a meter belongs to the thread that uses it.
public final class CalibrationMeter {
    private let plans: PlanCache
    /// The paths of weights, and of what was looked at every third value: neighbours are alike.
    private let paths: [String]
    private var histograms: [String: [ValueHistogram]] = [:]
    private static let stride = 3

    /// A meter for a network.
    ///
    /// - Parameter inputs: Shapes of some example, which tell what a residual block is.
    /// - Throws: `ShapeError`.
    public init(
        _ graph: Graph, parameters: [String: Tensor<Float>], inputs: [String: Shape], threads: Int
    ) throws {
        let known = parameters.mapValues(\.shape).merging(inputs) { $1 }
        let shapes = try graph.shapes { known[$0] }
        let builder = GraphBuilder(extending: graph)
        var paths: [String] = []
        for block in Fusion(graph, shapes: shapes, precision: .f32).possibleBlocks {
            for (path, node) in [
                (block.firstPath, block.input), (block.secondPath, block.middle),
            ] {
                builder.output(builder.value(at: node), Self.name(path))
                paths.append(path)
            }
        }
        self.paths = paths
        plans = PlanCache(
            builder.graph, parameters: parameters,
            options: PlanOptions(precision: .f32, threads: threads))
    }

    private static func name(_ path: String) -> String { "read by " + path }

    /// Whether the network has anything that could be computed in 8 bits.
    public var isEmpty: Bool { paths.isEmpty }

    /// Computes an example and looks at it.
    ///
    /// - Throws: `PlanError`.
    public func observe(_ inputs: [String: Tensor<Float>]) throws {
        let results = try plans.plan(for: inputs.mapValues(\.shape)).run(inputs)
        for path in paths {
            let values = results[Self.name(path)]!
            let (batch, channels) = (values.shape[0], values.shape[1])
            let area = values.shape[2] * values.shape[3]
            var counts =
                histograms.removeValue(forKey: path)
                ?? [ValueHistogram](repeating: ValueHistogram(), count: channels)
            values.withUnsafeBufferPointer { values in
                for plane in 0..<batch * channels {
                    for index in Swift.stride(from: 0, to: area, by: Self.stride) {
                        counts[plane % channels].add(values[plane * area + index])
                    }
                }
            }
            histograms[path] = counts
        }
    }

    /// The ranges that cost least, of everything that was looked at.
    public var calibration: Calibration {
        Calibration(
            histograms.mapValues { counts in
                let best = counts.map(\.bestRange)
                return Calibration.Ranges(low: best.map(\.low), high: best.map(\.high))!
            })
    }
}
