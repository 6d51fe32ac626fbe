// Frames through the published network: red, green and blue of three frames, one frame of delay.
import Compute
import Graphs
import Learning
import Media
import Tensors

/// Enhances frames with MW-GAN's generator as published.
///
/// What the network changes in red, green and blue is added to the frame's own planes, so that
/// strength, depth and formats mean the same as with other models; chroma of 4:2:0 gets the mean of
/// what its pixels get. Whole frames only; the ends of the video repeat themselves, as in the
/// released code. Belongs to one thread.
final class ReferenceEnhancer: FrameStage {
    private(set) var times = EnhancementTimes()
    var repeatedCount: Int { window.repeatedCount }
    private let options: EnhancementOptions
    private let plan: Plan
    private let width: Int, height: Int
    /// Size of the network's pictures: multiples of 4, the edges repeated.
    private let columns: Int, rows: Int
    private var window = DistinctFrames<(frame: Frame, rgb: [Float])>(radius: 1)

    /// An enhancer for frames of the given luma size.
    ///
    /// - Throws: `PlanError` where the network cannot be compiled; ``ModelError`` where tiles are asked
    ///   for, which the network's view of motion does not allow.
    init(
        _ model: ReferenceModel, width: Int, height: Int, options: EnhancementOptions
    ) throws {
        guard options.tile == nil else {
            throw ModelError(
                file: model.name, problem: "the published network takes whole frames: no --tile")
        }
        try model.require(options.precision)
        self.options = options
        (self.width, self.height) = (width, height)
        let input = model.input(width: width, height: height)
        (rows, columns) = (input.shape[2], input.shape[3])
        var shapes = model.parameters.values.mapValues(\.shape)
        shapes[input.name] = Shape(input.shape)
        plan = try Plan(
            model.graph, shapes: shapes,
            options: PlanOptions(precision: options.precision, threads: options.threads))
        plan.setParameters(model.parameters.values)
    }

    func push(_ frame: Frame) throws -> [Frame] {
        if options.strength == 0 { return [frame] }
        window.append(frame) { ($0, rgb(of: $0)) }
        return try window.finish(finished)
    }

    func flush() throws -> [Frame] { try window.finish(isEnd: true, finished) }

    /// The enhanced frame of the window whose turn it is.
    private func finished(
        _ frames: [(frame: Frame, rgb: [Float])], _ turn: WindowTurn
    ) throws -> Frame {
        let centre = turn.index
        let neighbours = [centre - 1, centre, centre + 1].map {
            frames[min(max($0, 0), frames.count - 1)].rgb
        }
        let target = plan.input("frames").bindMemory(to: Float.self).baseAddress!
        for (index, values) in neighbours.enumerated() {
            values.withUnsafeBufferPointer {
                (target + index * values.count).update(from: $0.baseAddress!, count: values.count)
            }
        }
        let start = monotonicSeconds()
        try plan.run()
        times.network += monotonicSeconds() - start
        return try result(of: frames[centre].frame, seen: frames[centre].rgb, turn.number)
    }

    /// Red, green and blue from 0 to 1, plane by plane, edges repeated.
    private func rgb(of frame: Frame) -> [Float] {
        let start = monotonicSeconds()
        defer { times.packets += monotonicSeconds() - start }
        let colour = ColourMatrix(frame)
        let area = columns * rows
        var values = [Float](repeating: 0, count: 3 * area)
        for y in 0..<rows {
            for x in 0..<columns {
                let (red, green, blue) = colour.rgb(
                    of: frame, x: Float(min(x, width - 1)), y: Float(min(y, height - 1)))
                let at = y * columns + x
                (values[at], values[area + at], values[2 * area + at]) = (red, green, blue)
            }
        }
        return values
    }

    /// The frame with what the network changed.
    private func result(of frame: Frame, seen: [Float], _ number: Int) throws -> Frame {
        let start = monotonicSeconds()
        defer { times.packets += monotonicSeconds() - start }
        let area = columns * rows
        let restored = plan.output("restored").bindMemory(to: Float.self)
        var change = [Float](repeating: 0, count: 3 * area)
        for index in 0..<3 * area {
            // The network's own range is 0 to 1, and what it says is clipped there.
            let value = restored[index]
            guard value.isFinite else {
                throw EnhancementGuardError(
                    frame: number, problem: "the network returned NaN; try --precision f32")
            }
            change[index] = options.strength * (min(max(value, 0), 1) - seen[index])
        }
        let colour = ColourMatrix(frame)
        let sampling = frame.format.sampling
        func difference(_ plane: Int, _ at: Int) -> Float {
            let all = colour.planes(
                red: change[at], green: change[area + at], blue: change[2 * area + at],
                of: sampling)
            return plane == 0 ? all.0 : plane == 1 ? all.1 : all.2
        }
        let depth = max(frame.format.depth, sampling == .rgb ? 0 : options.depth ?? 0)
        let gain = Float(1 << (depth - frame.format.depth)), maximum = Float((1 << depth) - 1)
        let coloured = sampling == .gray ? 1 : 3
        var planes: [Plane] = []
        for (index, plane) in frame.planes.enumerated() {
            guard index < coloured else {
                planes.append(plane.scaled(from: frame.format.depth, to: depth))
                continue
            }
            let target = Plane(
                width: plane.width, height: plane.height, bytesPerSample: depth > 8 ? 2 : 1)
            let isChroma = index > 0 && sampling != .rgb
            let stepX = isChroma && sampling.halves.x ? 2 : 1
            let stepY = isChroma && sampling.halves.y ? 2 : 1
            for y in 0..<plane.height {
                for x in 0..<plane.width {
                    var sum: Float = 0
                    for dy in 0..<stepY {
                        for dx in 0..<stepX {
                            let row = min(stepY * y + dy, height - 1)
                            sum += difference(
                                index, row * columns + min(stepX * x + dx, width - 1))
                        }
                    }
                    let value = Float(plane[x, y]) + sum / Float(stepX * stepY)
                    target.store(Int(min(max((value * gain).rounded(), 0), maximum)), x, y)
                }
            }
            planes.append(target)
        }
        var format = frame.format
        format.depth = depth
        return Frame(width: frame.width, height: frame.height, format: format, planes: planes)
            .atTime(of: frame)
    }
}
