// Fixed tiles of clips that are not trained on: how much a generator restores of them, and how it looks.
import Compute
import Glibc
import Graphs
import Media
import Networks
import Tensors

/// Tiles that stay the same through a run, and a plan that restores them.
public final class HeldOutTiles {
    /// Luma quality of the tiles, means over all of them.
    public struct Gain: Sendable, Hashable {
        /// PSNR of the compressed tiles, and what the generator adds, in decibels.
        public var before: Double, gain: Double
    }

    /// Number of tiles, and samples of luma each way.
    public let count: Int, side: Int
    private let positions: Int
    private let plan: Plan
    private let batch: Int
    private let paths: [String]
    private let inputs: Int
    private var packets: [Float], residual: [Float]

    /// Draws `count` tiles from the given files of tiles, the same for the same files.
    ///
    /// - Throws: `TrainingDataError`, `SafetensorsError` or `PlanError`.
    public init(
        _ files: [String], count: Int, tileSize: Int, generator: Generator,
        parameters: Parameters, precision: Precision, threads: Int
    ) throws {
        let surroundings = generator.shape.surroundings
        let sampler = try TileSampler(files, patchSize: tileSize, surroundings: surroundings)
        inputs = surroundings.inputs
        batch = min(8, count)
        self.count = count / batch * batch
        (positions, side) = (tileSize, 2 * tileSize)
        let area = tileSize * tileSize
        packets = [Float](repeating: 0, count: self.count * inputs * area)
        residual = [Float](repeating: 0, count: self.count * NetworkChannels.outputs * area)
        var weights = [Float](repeating: 0, count: self.count)
        var random = RandomSource(seed: 1)
        sampler.draw(
            self.count, using: &random, packets: &packets, residual: &residual, weights: &weights,
            isUpright: true)
        let builder = GraphBuilder()
        builder.output(generator(builder.input("packets")), "residual")
        paths = generator.declarations.map(\.path)
        var shapes = Dictionary(
            uniqueKeysWithValues: paths.map { ($0, parameters[$0]!.shape) })
        shapes["packets"] = [batch, inputs, tileSize, tileSize]
        plan = try Plan(
            builder.graph, shapes: shapes,
            options: PlanOptions(precision: precision, threads: threads))
    }

    /// What the generator with these weights estimates, `[count, 6, h, w]`.
    private func estimates(_ parameters: Parameters) throws -> [Float] {
        plan.setParameters(Parameters(paths.map { ($0, parameters[$0]!) }).values)
        let size = inputs * positions * positions
        var result: [Float] = []
        for first in stride(from: 0, to: count, by: batch) {
            plan.input("packets").bindMemory(to: Float.self).baseAddress!.update(
                from: Array(packets[first * size..<(first + batch) * size]), count: batch * size)
            try plan.run()
            result += plan.result("residual").elements
        }
        return result
    }

    /// Restores all tiles and measures them; tiles without an error count as of 60 dB.
    public func measure(_ parameters: Parameters) throws -> Gain {
        let estimates = try estimates(parameters)
        var (before, after) = (0.0, 0.0)
        for tile in 0..<count {
            before += decibels(tile) { residual[$0] }
            after += decibels(tile) { residual[$0] - estimates[$0] }
        }
        return Gain(before: before / Double(count), gain: (after - before) / Double(count))
    }

    private func decibels(_ tile: Int, _ error: (Int) -> Float) -> Double {
        let area = positions * positions
        var squares: Float = 0
        for channel in 0..<4 {
            let scale = PacketNormalisation.standard.output.deviations[channel]
            let start = (tile * NetworkChannels.outputs + channel) * area
            for index in start..<start + area {
                let value = error(index) * scale
                squares += value * value
            }
        }
        // Orthonormal packets: the mean over packets is the mean over pixels.
        return 10 * log10(255 * 255 / max(0.065025, Double(squares) / Double(4 * area)))
    }

    /// A picture with a row for each of `rows` tiles: compressed, restored, pristine.
    ///
    /// The tiles are of those with more than the median error, evenly chosen.
    public func picture(_ parameters: Parameters, rows: Int = 4) throws -> UprightPicture {
        let estimates = try estimates(parameters)
        let damaged = (0..<count).sorted { a, b in
            decibels(a) { residual[$0] } < decibels(b) { residual[$0] }
        }
        let worst = damaged.prefix(max(1, (count + 1) / 2))
        let rows = min(rows, worst.count)
        let (gap, factor) = (6, 2)
        let step = side * factor + gap
        var canvas = Canvas(width: 3 * step - gap, height: rows * step - gap)
        for row in 0..<rows {
            let tile = worst[row * worst.count / rows]
            let shown = [0, 1, 2].map { column in
                frame(tile) { column == 0 ? 0 : column == 1 ? estimates[$0] : residual[$0] }
            }
            for (column, frame) in shown.enumerated() {
                canvas.paste(
                    frame.upright().enlarged(x: 0, y: 0, side: side, by: factor),
                    x: column * step, y: row * step)
            }
        }
        return canvas.picture
    }

    /// The tile as a picture, `change` added to its packets.
    private func frame(_ tile: Int, _ change: (Int) -> Float) -> Frame {
        let area = positions * positions
        let statistics = PacketNormalisation.standard
        func packet(_ channel: Int, _ x: Int, _ y: Int) -> Float {
            let at = y * positions + x
            let input = packets[(tile * inputs + channel) * area + at]
            let added = change((tile * NetworkChannels.outputs + channel) * area + at)
            return input * statistics.input.deviations[channel] + statistics.input.means[channel]
                + added * statistics.output.deviations[channel]
        }
        let frame = Frame(width: side, height: side, format: FrameFormat(.yuv420))
        func store(_ plane: Int, _ value: Float, _ x: Int, _ y: Int) {
            frame.planes[plane].store(Int(min(max(value, 0), 255).rounded()), x, y)
        }
        for y in 0..<positions {
            for x in 0..<positions {
                let (low, right) = (packet(0, x, y), packet(1, x, y))
                let (down, both) = (packet(2, x, y), packet(3, x, y))
                // Haar's inverse: HL is right minus left, LH is bottom minus top.
                store(0, (low - right - down + both) / 2, 2 * x, 2 * y)
                store(0, (low + right - down - both) / 2, 2 * x + 1, 2 * y)
                store(0, (low - right + down - both) / 2, 2 * x, 2 * y + 1)
                store(0, (low + right + down + both) / 2, 2 * x + 1, 2 * y + 1)
                store(1, packet(4, x, y), x, y)
                store(2, packet(5, x, y), x, y)
            }
        }
        return frame
    }
}

extension UprightPicture {
    /// Writes the picture as PNG or JPEG in place of what was there.
    ///
    /// - Throws: ``MediaError`` or ``OutputError``.
    public func write(to path: String) throws {
        let writer = try StillWriter(path: path, overwrite: .replace)
        do {
            try writer.write(frame)
            try writer.finish()
        } catch {
            writer.abandon()
            throw error
        }
    }
}
