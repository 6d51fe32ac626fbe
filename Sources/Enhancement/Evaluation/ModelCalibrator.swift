// Calibrates a model for int8: shows it frames as it sees them when it is used.
import Compute
import Graphs
import Media
import Motion
import Quality
import Tensors
import Wavelets

/// Looks at what a model's residual blocks read on degraded clips.
public final class ModelCalibrator {
    private let model: EnhancementModel
    private let threads: Int
    private var meter: CalibrationMeter?
    private var random = RandomSource(seed: 1)

    /// Frames read of each clip, and packet positions each way of a window into one.
    private static let framesRead = 12, window = 128

    /// A calibrator of `model`.
    public init(_ model: EnhancementModel, threads: Int) {
        self.model = model
        self.threads = threads
    }

    /// Looks at two frames of a clip, unless it is so good that the network would not run.
    ///
    /// - Throws: What readers throw, and `PlanError`.
    public func observe(_ path: String) throws {
        let reader = try VideoReader(path: path)
        var frames: [PreparedFrame] = []
        while frames.count < Self.framesRead, let frame = try reader.next() {
            frames.append(PreparedFrame(frame, estimator: DamageEstimator(), threads: threads))
        }
        guard let first = frames.first?.frame else { return }
        let grid = PlanePacking.gridSize(width: first.width, height: first.height)
        let shape = model.generator.shape
        let packer = WindowPacker(
            shape.surroundings, width: first.width, height: first.height,
            layout: PacketLayout(
                channels: shape.inputs, width: grid.width, height: grid.height, order: .planar),
            normalisation: model.normalisation, threads: threads)
        var packets = [Float](repeating: 0, count: shape.inputs * grid.width * grid.height)
        for centre in Set([frames.count / 3, frames.count * 2 / 3]).sorted() {
            let share = model.gate.share(
                quantisers: frames[centre].frame.quantisers, bitsPerPixel: reader.bitsPerPixel)
            guard share > 0 else { continue }
            let view = FrameWindow(frames, centre: centre)
            let motion = packer.motion(in: view)
            packets.withUnsafeMutableBytes {
                packer.pack(view, motion: motion, into: $0.baseAddress!)
            }
            try observe(packets, width: grid.width, height: grid.height)
        }
    }

    /// Looks at a window somewhere in a frame's packets.
    private func observe(_ packets: [Float], width: Int, height: Int) throws {
        let step = model.generator.shape.isDeep ? 2 : 1
        let (columns, rows) = (
            min(width, Self.window) / step * step, min(height, Self.window) / step * step
        )
        let (x, y) = (
            random.index(below: width - columns + 1), random.index(below: height - rows + 1)
        )
        let shape: Shape = [1, model.generator.shape.inputs, rows, columns]
        let input = Tensor<Float>(shape: shape) { target in
            for row in 0..<shape[1] * rows {
                let start = ((row / rows) * height + y + row % rows) * width + x
                for column in 0..<columns {
                    target[row * columns + column] = packets[start + column]
                }
            }
        }
        if meter == nil {
            meter = try CalibrationMeter(
                model.generator.graph, parameters: model.parameters.values,
                inputs: ["packets": shape], threads: threads)
        }
        try meter!.observe(["packets": input])
    }

    /// The ranges of everything that was looked at; nil where that was nothing.
    public var calibration: Calibration? { meter?.calibration }
}
