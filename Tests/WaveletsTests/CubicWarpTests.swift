// Luma sampled by cubic convolution along a flow, beside the sum as it is written down.
import Media
import Tensors
import TestSupport
import Testing

@testable import Wavelets

@Suite("Cubic sampling along a flow")
struct CubicWarpTests {
    @Test("Packets are those of samples by Keys' kernel, edges repeated", arguments: [8, 10])
    func reference(depth: Int) {
        var random = RandomSource(seed: UInt64(depth))
        let (width, height) = (41, 21)
        let plane = Plane(width: width, height: height, bytesPerSample: depth > 8 ? 2 : 1)
        var samples = [Double](repeating: 0, count: width * height)
        plane.withUnsafeMutableBytes { base in
            for index in samples.indices {
                let value = Int.random(in: 0..<1 << depth, using: &random)
                samples[index] = Double(value)
                let row = index / width * plane.bytesPerRow
                if depth > 8 {
                    base.storeBytes(
                        of: UInt16(value), toByteOffset: row + 2 * (index % width), as: UInt16.self)
                } else {
                    base.storeBytes(
                        of: UInt8(value), toByteOffset: row + index % width, as: UInt8.self)
                }
            }
        }
        let (columns, rows) = ((width + 1) / 2, (height + 1) / 2)
        func flow() -> Tensor<Float> {
            Tensor(shape: [rows, columns]) { values in
                for index in values.indices { values[index] = Float(3 * random.normal()) }
            }
        }
        let (dx, dy) = (flow(), flow())
        let packing = PlanePacking(
            layout: PacketLayout(channels: 4, width: columns, height: rows, order: .planar),
            statistics: .identity(4))
        func packed(_ threads: Int) -> [Float] {
            var packets = Tensor<Float>(shape: [4, rows, columns])
            packets.withUnsafeMutableBufferPointer {
                packing.pack(
                    [(.warpedLuma(plane, x: dx, y: dy, by: .cubic), 0)], depth: depth,
                    into: $0.baseAddress!, threads: threads)
            }
            return packets.elements
        }
        func kernel(_ t: Double) -> Double {
            let t = abs(t)
            if t < 1 { return 1.5 * t * t * t - 2.5 * t * t + 1 }
            return t < 2 ? -0.5 * t * t * t + 2.5 * t * t - 4 * t + 2 : 0
        }
        func sample(_ x: Double, _ y: Double) -> Double {
            let (left, top) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
            var sum = 0.0
            for v in top - 1...top + 2 {
                for u in left - 1...left + 2 {
                    let at = min(max(v, 0), height - 1) * width + min(max(u, 0), width - 1)
                    sum += samples[at] * kernel(x - Double(u)) * kernel(y - Double(v))
                }
            }
            return sum
        }
        let found = packed(1), unit = 1 / Double(1 << (depth - 8))
        for index in 0..<rows * columns {
            let (x, y) = (Double(2 * (index % columns)), Double(2 * (index / columns)))
            let (u, v) = (x + Double(dx.elements[index]), y + Double(dy.elements[index]))
            // Beyond one block outside the picture all samples are edge samples.
            guard u > -3, v > -3, u < Double(width) + 1, v < Double(height) + 1 else { continue }
            let a = sample(u, v), b = sample(u + 1, v), c = sample(u, v + 1),
                d = sample(u + 1, v + 1)
            let expected = [a + b + c + d, b + d - a - c, c + d - a - b, a - b - c + d]
            for (channel, value) in expected.enumerated() {
                let own = Double(found[channel * rows * columns + index])
                #expect(abs(own - value * unit / 2) < 0.05, "\(channel) at \(x), \(y)")
            }
        }
        #expect(packed(3) == found)
    }
}
