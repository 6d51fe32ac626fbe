import Glibc
import Media
import Tensors
import TestSupport
import Testing
import Wavelets

@Suite("Plane packing") struct PlanePackingTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var width = 150, height = 37, depth = 8
        var sampling = ChromaSampling.yuv420
        var element = PacketLayout.Element.float32, order = PacketLayout.Order.planar
        var channels = 16, gridShift = 0
        var testDescription: String {
            "\(width)x\(height) \(depth) bits \(sampling) \(element) \(order) \(channels) \(gridShift)"
        }
    }

    static let cases = [
        Case(), Case(width: 64, height: 64, element: .bfloat16, order: .blocked16),
        Case(width: 1, height: 1, order: .blocked16),
        Case(width: 3, height: 5, element: .bfloat16, order: .blocked16, gridShift: 1),
        Case(width: 258, height: 20, depth: 10, sampling: .yuv422, order: .blocked16, gridShift: 2),
        Case(
            width: 131, height: 19, depth: 12, sampling: .yuv444, element: .bfloat16, gridShift: 3),
        Case(width: 97, height: 33, depth: 10, order: .blocked16, channels: 32, gridShift: 1),
        Case(width: 40, height: 31, sampling: .yuv422, element: .bfloat16, channels: 17),
    ]

    @Test("The fused kernel equals the definition, channel by channel", arguments: cases)
    func definition(item: Case) {
        let scene = Scene(item, seed: 11)
        let reference = scene.expected()
        let packed = scene.pack(threads: 1)
        let tolerance: Float = item.element == .bfloat16 ? 0.0041 : 2e-6
        for channel in 0..<item.channels {
            for y in 0..<scene.layout.height {
                for x in 0..<scene.layout.width {
                    let value = element(packed, scene.layout, channel, x, y)
                    let wanted = reference(channel, x, y)
                    // Positions of warped samples carry rounding that noise of 255 steps amplifies.
                    let floor: Float = (8..<12).contains(channel) ? 0.005 : 0.0002
                    let slack = tolerance * abs(wanted) + floor
                    #expect(abs(value - wanted) <= slack, "\(channel) at \(x), \(y): \(wanted)")
                }
            }
        }
        #expect(scene.pack(threads: 3) == packed)
    }

    @Test("Packets of a plane restore it exactly", arguments: cases)
    func roundTrip(item: Case) {
        guard item.element == .float32 else { return }
        let scene = Scene(item, seed: 3)
        let result = Plane(like: scene.luma)
        scene.pack(threads: 2).withUnsafeBytes { bytes in
            scene.packing.unpack(
                bytes.baseAddress!, channel: 0, as: .luma, into: result, depth: item.depth)
        }
        #expect(result.samples == scene.luma.samples)
    }

    @Test("Strength 0 gives the plane's own samples; full strength adds the residual, clipped")
    func residual() {
        for item in PlanePackingTests.cases where item.channels % 16 == 0 {
            let scene = Scene(item, seed: 5)
            let packets = scene.pack(threads: 1)
            for strength in [Float(0), 1, 0.5] {
                let luma = Plane(like: scene.luma), chroma = Plane(like: scene.chroma)
                packets.withUnsafeBytes { bytes in
                    scene.packing.add(
                        bytes.baseAddress!, channel: 8, as: .luma, to: scene.luma,
                        depth: item.depth, into: luma, resultDepth: item.depth, strength: strength)
                    scene.packing.add(
                        bytes.baseAddress!, channel: 5, as: .chroma(item.sampling),
                        to: scene.chroma, depth: item.depth, into: chroma, resultDepth: item.depth,
                        strength: strength)
                }
                if strength == 0 {
                    #expect(luma.samples == scene.luma.samples)
                    #expect(chroma.samples == scene.chroma.samples)
                }
                let unit = strength * Float(1 << (item.depth - 8))
                func value(_ channel: Int, _ x: Int, _ y: Int) -> Float {
                    unit
                        * (element(packets, scene.layout, channel, x, y)
                            * scene.packing.statistics.deviations[channel]
                            + scene.packing.statistics.means[channel])
                }
                check(luma, scene.luma, item.depth) { x, y in
                    let bands = (8..<12).map { value($0, x / 2, y / 2) }
                    let across: Float = x % 2 == 0 ? -1 : 1
                    let down: Float = y % 2 == 0 ? -1 : 1
                    let details = across * bands[1] + down * bands[2] + across * down * bands[3]
                    return (bands[0] + details) / 2
                }
                let step = scene.steps
                check(chroma, scene.chroma, item.depth) { x, y in value(5, x / step.x, y / step.y) }
            }
        }
    }

    @Test("A deeper result keeps fractions of the residual")
    func deeperResult() {
        let packing = PlanePacking(
            layout: PacketLayout(channels: 4, width: 1, height: 1, order: .planar),
            statistics: .identity(4))
        let plane = Plane(width: 2, height: 2, samples: [100, 100, 100, 100], depth: 8)
        let result = Plane(width: 2, height: 2, bytesPerSample: 2)
        let residual: [Float] = [0.5, 0, 0, 0]  // a quarter of a step everywhere
        residual.withUnsafeBytes {
            packing.add(
                $0.baseAddress!, channel: 0, as: .luma, to: plane, depth: 8, into: result,
                resultDepth: 10)
        }
        #expect(result.samples == [401, 401, 401, 401])
    }

    private func check(
        _ result: Plane, _ plane: Plane, _ depth: Int, _ residual: (Int, Int) -> Float
    ) {
        for y in 0..<plane.height {
            for x in 0..<plane.width {
                let exact = Float(plane[x, y]) + residual(x, y)
                let clipped = min(max(exact, 0), Float((1 << depth) - 1))
                #expect(abs(Float(result[x, y]) - clipped) <= 0.501, "at \(x), \(y)")
            }
        }
    }

    private func element(
        _ packed: [UInt8], _ layout: PacketLayout, _ channel: Int, _ x: Int, _ y: Int
    ) -> Float {
        let position = y * layout.width + x
        let area = layout.width * layout.height
        let index =
            layout.order == .planar
            ? channel * area + position : (channel / 16 * area + position) * 16 + channel % 16
        return packed.withUnsafeBytes { bytes in
            layout.element == .float32
                ? bytes.loadUnaligned(fromByteOffset: 4 * index, as: Float.self)
                : Float(
                    bitPattern: UInt32(
                        bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)) << 16)
        }
    }
}

/// Random planes, a flow, a map, and what packing them must give.
private struct Scene {
    let item: PlanePackingTests.Case
    let layout: PacketLayout
    let packing: PlanePacking
    let luma: Plane, chroma: Plane, neighbour: Plane
    let flowX: Tensor<Float>, flowY: Tensor<Float>, map: Tensor<Float>

    init(_ item: PlanePackingTests.Case, seed: UInt64) {
        self.item = item
        var random = RandomSource(seed: seed)
        let grid = PlanePacking.gridSize(width: item.width, height: item.height)
        layout = PacketLayout(
            channels: item.channels, width: grid.width, height: grid.height,
            element: item.element, order: item.order)
        packing = PlanePacking(
            layout: layout,
            statistics: ChannelStatistics(
                means: (0..<item.channels).map { _ in Float(random.uniform(in: -5..<5)) },
                deviations: (0..<item.channels).map { _ in Float(random.uniform(in: 1..<4)) }))
        func plane(_ width: Int, _ height: Int) -> Plane {
            let samples = (0..<width * height).map { _ in random.index(below: 1 << item.depth) }
            return Plane(width: width, height: height, samples: samples, depth: item.depth)
        }
        luma = plane(item.width, item.height)
        neighbour = plane(item.width, item.height)
        let size = FrameFormat(item.sampling).planeSize(1, width: item.width, height: item.height)
        chroma = plane(size.width, size.height)
        let cell = 1 << item.gridShift
        let shape: Shape = [(grid.height + cell - 1) / cell, (grid.width + cell - 1) / cell]
        // Displacements reach far beyond the edges.
        flowX = .uniform(shape, in: -60..<60, using: &random)
        flowY = .uniform(shape, in: -60..<60, using: &random)
        map = .uniform(shape, using: &random)
    }

    var steps: (x: Int, y: Int) {
        switch item.sampling {
        case .yuv422: return (1, 2)
        case .yuv444: return (2, 2)
        default: return (1, 1)
        }
    }

    func pack(threads: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0xff, count: layout.byteCount)
        bytes.withUnsafeMutableBytes {
            packing.pack(
                [
                    (.luma(luma), 0), (.chroma(chroma, item.sampling), 4), (.constant(128), 5),
                    (.warpedLuma(neighbour, x: flowX, y: flowY), 8), (.map(map), 14),
                ], depth: item.depth, into: $0.baseAddress!, threads: threads)
        }
        return bytes
    }

    func expected() -> (Int, Int, Int) -> Float {
        let unit = 1 / Float(1 << (item.depth - 8))
        func clamped(_ plane: Plane, _ x: Int, _ y: Int) -> Float {
            unit
                * Float(plane[min(max(x, 0), plane.width - 1), min(max(y, 0), plane.height - 1)])
        }
        func grid(_ values: Tensor<Float>, _ x: Int, _ y: Int) -> Float {
            let cell = Float(1 << item.gridShift)
            let fx = (Float(x) + 0.5) / cell - 0.5, fy = (Float(y) + 0.5) / cell - 0.5
            func at(_ x: Float, _ y: Float) -> Float {
                values[
                    min(max(Int(y), 0), values.shape[0] - 1),
                    min(max(Int(x), 0), values.shape[1] - 1)]
            }
            let (x0, y0) = (floor(fx), floor(fy))
            let upper = at(x0, y0) * (1 - fx + x0) + at(x0 + 1, y0) * (fx - x0)
            let lower = at(x0, y0 + 1) * (1 - fx + x0) + at(x0 + 1, y0 + 1) * (fx - x0)
            return upper * (1 - fy + y0) + lower * (fy - y0)
        }
        func sampled(_ px: Float, _ py: Float) -> Float {
            let (x0, y0) = (Int(floor(px)), Int(floor(py)))
            let (fx, fy) = (px - floor(px), py - floor(py))
            let upper =
                clamped(neighbour, x0, y0) * (1 - fx) + clamped(neighbour, x0 + 1, y0) * fx
            let lower =
                clamped(neighbour, x0, y0 + 1) * (1 - fx) + clamped(neighbour, x0 + 1, y0 + 1) * fx
            return upper * (1 - fy) + lower * fy
        }
        func band(_ index: Int, _ sample: (Int, Int) -> Float) -> Float {
            let signs: [[Float]] = [
                [1, 1, 1, 1], [-1, 1, -1, 1], [-1, -1, 1, 1], [1, -1, -1, 1],
            ]
            var sum: Float = 0
            for i in 0..<4 { sum += signs[index][i] * sample(i % 2, i / 2) }
            return sum / 2
        }
        return { channel, x, y in
            let raw: Float
            switch channel {
            case 0..<4: raw = band(channel) { clamped(luma, 2 * x + $0, 2 * y + $1) }
            case 4:
                var sum: Float = 0
                for j in 0..<steps.y {
                    for i in 0..<steps.x {
                        sum += clamped(chroma, steps.x * x + i, steps.y * y + j)
                    }
                }
                raw = sum / Float(steps.x * steps.y)
            case 5: raw = 128
            case 8..<12:
                let (dx, dy) = (grid(flowX, x, y), grid(flowY, x, y))
                raw = band(channel - 8) {
                    sampled(Float(2 * x + $0) + dx, Float(2 * y + $1) + dy)
                }
            case 14: raw = grid(map, x, y)
            default: return 0
            }
            return (raw - packing.statistics.means[channel])
                / packing.statistics.deviations[channel]
        }
    }
}
