// From 8-bit planes to 8-bit planes: packets, network and inverse, as video goes through them.
import Compute
import Enhancement
import Glibc
import Media
import Networks
import Quality
import Tensors

/// A model at one size of frames, for the peers' runner.
struct PlaneWork {
    let model: EnhancementModel
    let width: Int, height: Int, precision: Precision

    /// Seconds that packing (neighbours warped), network and unpacking take for one frame, at best.
    func time(_ duration: Double) throws -> Double {
        let enhancer = try FrameEnhancer(
            model, width: width, height: height,
            options: EnhancementOptions(precision: precision, threads: benchmarkThreads))
        let frames = (0..<8).map(moving)
        var best = Double.infinity, before = 0.0
        let end = seconds() + duration
        var index = 0
        repeat {
            let isWarm = try !enhancer.push(frames[index % frames.count]).isEmpty && index > 2
            let now = enhancer.times.packets + enhancer.times.network
            if isWarm { best = min(best, now - before) }
            before = now
            index += 1
        } while seconds() < end || index < 12
        return best
    }

    /// Enhances one frame without neighbours: I420 from a file to a file; the maps of the damage go
    /// to a third as raw Float32.
    func compute(_ source: String, _ target: String, _ maps: String) throws {
        guard let file = fopen(source, "rb") else { throw BenchmarkFailure(what: source) }
        defer { fclose(file) }
        let frame = Frame(width: width, height: height, format: FrameFormat(.yuv420))
        for plane in frame.planes {
            plane.withUnsafeMutableBytes { base in
                for y in 0..<plane.height {
                    fread(base + y * plane.bytesPerRow, 1, plane.width, file)
                }
            }
        }
        let enhancer = try FrameEnhancer(
            model, width: width, height: height,
            options: EnhancementOptions(precision: precision, threads: benchmarkThreads))
        let results = try enhancer.push(frame) + enhancer.flush()
        try write(target) { output in
            for plane in results[0].planes {
                plane.withUnsafeBytes { base in
                    for y in 0..<plane.height {
                        fwrite(base + y * plane.bytesPerRow, 1, plane.width, output)
                    }
                }
            }
        }
        let damage = DamageMap(frame)
        try write(maps) { output in
            for map in [damage.worse, damage.blind] {
                fwrite(map.elements, 4, map.shape.count, output)
            }
        }
    }

    private func write(_ path: String, _ body: (UnsafeMutablePointer<FILE>) -> Void) throws {
        guard let file = fopen(path, "wb") else { throw BenchmarkFailure(what: path) }
        body(file)
        fclose(file)
    }

    /// Texture that moves by three samples a frame.
    private func moving(_ index: Int) -> Frame {
        let frame = Frame(width: width, height: height, format: FrameFormat(.yuv420))
        for plane in frame.planes {
            plane.withUnsafeMutableBytes { base in
                for y in 0..<plane.height {
                    for x in 0..<plane.width {
                        let (u, v) = (x + 3 * index, y + index)
                        let value = (u * u / 97 + v * u / 61 + (u / 11) * (v / 7) * 13) & 127
                        base.storeBytes(
                            of: UInt8(value + 60), toByteOffset: y * plane.bytesPerRow + x,
                            as: UInt8.self)
                    }
                }
            }
        }
        return frame
    }
}

extension PlaneWork {
    /// Work as `MODEL WIDTH HEIGHT PRECISION` describes it; nil where that makes no sense.
    init?(_ words: [String]) throws {
        guard words.count == 4, let width = Int(words[1]), let height = Int(words[2]),
            let precision = Precision(rawValue: words[3])
        else { return nil }
        self.init(
            model: try EnhancementModel(contentsOf: words[0]), width: width, height: height,
            precision: precision)
    }

    /// The network alone, compiled for frames of this size.
    func plan(_ formats: [String: BorderFormat]) throws -> Plan {
        var shapes = model.parameters.values.mapValues(\.shape)
        shapes["packets"] = [1, model.generator.shape.inputs, height / 2, width / 2]
        let plan = try Plan(
            model.generator.graph, shapes: shapes,
            options: PlanOptions(precision: precision, threads: benchmarkThreads, formats: formats))
        plan.setParameters(model.parameters.values)
        return plan
    }

    /// Writes the network as ONNX for frames of this size.
    func export(to path: String) throws {
        try model.generator.graph.writeONNX(
            to: path, parameters: model.parameters,
            inputs: [
                "packets": [
                    .fixed(1), .fixed(model.generator.shape.inputs), .fixed(height / 2),
                    .fixed(width / 2),
                ]
            ])
    }
}
