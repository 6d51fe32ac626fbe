// Frames through the published network: red, green and blue of three frames, one frame of delay.
import Compute
import Graphs
import Learning
import Media
import Motion
import Tensors

/// Enhances frames with MW-GAN's generator as published.
///
/// What the network changes in red, green and blue is added to the frame's own planes, so that
/// strength, depth and formats mean the same as with other models; chroma of 4:2:0 gets the mean of
/// what its pixels get. Whole frames only; the ends of the video repeat themselves, as in the
/// released code. Belongs to one thread.
final class ReferenceEnhancer: FrameStage {
    private(set) var times = EnhancementTimes()
    private(set) var repeatedCount = 0
    private let options: EnhancementOptions
    private let plan: Plan
    private let width: Int, height: Int
    /// Size of the network's pictures: multiples of 4, the edges repeated.
    private let columns: Int, rows: Int
    private var window: [(frame: Frame, rgb: [Float], repeats: [Frame])] = []
    private var centre = 0
    private var frameCount = 0

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
        if let last = window.last, isDuplicate(frame, of: last.frame) {
            window[window.count - 1].repeats.append(frame)
            return []
        }
        window.append((frame, rgb(of: frame), []))
        return window.count > centre + 1 ? try finish() : []
    }

    func flush() throws -> [Frame] {
        guard centre < window.count else { return [] }
        defer {
            window = []
            centre = 0
        }
        return try finish()
    }

    /// Finishes the frame at the centre of the window and goes on to the next.
    private func finish() throws -> [Frame] {
        let current = window[centre]
        let neighbours = [centre - 1, centre, centre + 1].map {
            window[min(max($0, 0), window.count - 1)].rgb
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
        let enhanced = try result(of: current.frame, seen: current.rgb)
        frameCount += 1 + current.repeats.count
        repeatedCount += current.repeats.count
        let results = [enhanced] + current.repeats.map { enhanced.atTime(of: $0) }
        if centre == 1 { window.removeFirst() } else { centre = 1 }
        return results
    }

    /// Red, green and blue from 0 to 1, plane by plane, edges repeated.
    private func rgb(of frame: Frame) -> [Float] {
        let start = monotonicSeconds()
        defer { times.packets += monotonicSeconds() - start }
        let colour = ColourMatrix(frame)
        let area = columns * rows
        var values = [Float](repeating: 0, count: 3 * area)
        let halves = frame.format.sampling.halves
        for y in 0..<rows {
            for x in 0..<columns {
                let (px, py) = (min(x, width - 1), min(y, height - 1))
                let first = (Float(frame.planes[0][px, py]) - colour.lumaOffset) * colour.lumaScale
                var (red, green, blue) = (first, first, first)
                switch frame.format.sampling {
                case .gray: break
                case .rgb:
                    func value(_ plane: Int) -> Float {
                        (Float(frame.planes[plane][px, py]) - colour.lumaOffset) * colour.lumaScale
                    }
                    (green, blue, red) = (first, value(1), value(2))
                default:
                    let cx = halves.x ? Float(px) / 2 + colour.shift.x : Float(px)
                    let cy = halves.y ? Float(py) / 2 + colour.shift.y : Float(py)
                    func value(_ plane: Int) -> Float {
                        (frame.planes[plane].bilinear(cx, cy) - colour.middle) * colour.chromaScale
                    }
                    red = first + 2 * (1 - colour.kr) * value(2)
                    blue = first + 2 * (1 - colour.kb) * value(1)
                    green =
                        (first - colour.kr * red - colour.kb * blue) / (1 - colour.kr - colour.kb)
                }
                let at = y * columns + x
                (values[at], values[area + at], values[2 * area + at]) = (red, green, blue)
            }
        }
        return values
    }

    /// The frame with what the network changed.
    private func result(of frame: Frame, seen: [Float]) throws -> Frame {
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
                    frame: frameCount, problem: "the network returned NaN; try --precision f32")
            }
            change[index] = options.strength * (min(max(value, 0), 1) - seen[index])
        }
        let colour = ColourMatrix(frame)
        let sampling = frame.format.sampling
        func difference(_ plane: Int, _ at: Int) -> Float {
            let (red, green, blue) = (change[at], change[area + at], change[2 * area + at])
            if sampling == .rgb { return [green, blue, red][plane] / colour.lumaScale }
            let luma =
                colour.kr * red + (1 - colour.kr - colour.kb) * green + colour.kb * blue
            switch plane {
            case 0: return luma / colour.lumaScale
            case 1: return (blue - luma) / (2 * (1 - colour.kb)) / colour.chromaScale
            default: return (red - luma) / (2 * (1 - colour.kr)) / colour.chromaScale
            }
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
                    target.set(x, y, Int(min(max((value * gain).rounded(), 0), maximum)))
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

extension ChromaSampling {
    /// Whether chroma has half the columns, and half the rows, of luma.
    fileprivate var halves: (x: Bool, y: Bool) {
        (self == .yuv420 || self == .yuv422, self == .yuv420)
    }
}

extension Plane {
    /// The sample between samples, edges repeated.
    fileprivate func bilinear(_ x: Float, _ y: Float) -> Float {
        let px = min(max(x, 0), Float(width - 1)), py = min(max(y, 0), Float(height - 1))
        let (x0, y0) = (Int(px), Int(py))
        let (x1, y1) = (min(x0 + 1, width - 1), min(y0 + 1, height - 1))
        let (fx, fy) = (px - Float(x0), py - Float(y0))
        let top = Float(self[x0, y0]) * (1 - fx) + Float(self[x1, y0]) * fx
        let bottom = Float(self[x0, y1]) * (1 - fx) + Float(self[x1, y1]) * fx
        return top * (1 - fy) + bottom * fy
    }

    fileprivate func set(_ x: Int, _ y: Int, _ value: Int) {
        withUnsafeMutableBytes { base in
            let row = base + y * bytesPerRow
            if bytesPerSample == 1 {
                row.storeBytes(of: UInt8(value), toByteOffset: x, as: UInt8.self)
            } else {
                row.storeBytes(of: UInt16(value).littleEndian, toByteOffset: 2 * x, as: UInt16.self)
            }
        }
    }
}
