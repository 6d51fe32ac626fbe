// What was recalled for a frame, to be measured against the pristine one.
import Media
import Tensors
import Wavelets

/// What was recalled for a frame and what is known of it, before any of it is added.
///
/// What comes of a share w of a block is its error e plus w times the difference d to what is recalled, e² + 2w e·d + w² d². So weights can be
/// fitted to e·d and d² of many blocks, without enhancing anything again.
public struct RecallTrial: Sendable {
    /// The frame's time.
    public let timestamp: Int64
    /// What is known of each block.
    let features: RecallFeatures
    /// LL, HL, LH and HH of what the network made of the frame, and of what is recalled: `[4, height, width]`.
    let restored: Tensor<Float>, recalled: Tensor<Float>
    let packing: PlanePacking

    /// Numbers of a block: its features, then e², e·d and d² as means over its samples, in squared 8-bit code values.
    public static let width = RecallFeatures.count + 3

    /// Samples for all blocks, row by row, ``width`` numbers each.
    ///
    /// - Parameter luma: Of the pristine frame, `depth` bits a sample.
    public func samples(pristine luma: Plane, depth: Int, threads: Int) -> [Float] {
        var pristine = Tensor<Float>(shape: restored.shape)
        pristine.withUnsafeMutableBufferPointer {
            packing.pack([(.luma(luma), 0)], depth: depth, into: $0.baseAddress!, threads: threads)
        }
        let (height, width) = (restored.shape[1], restored.shape[2])
        let (a, b, c) = (restored.elements, recalled.elements, pristine.elements)
        let values = features.values.elements, size = RecallFeatures.block
        let columns = features.differences.shape[1], blocks = features.differences.count
        var samples: [Float] = []
        samples.reserveCapacity(blocks * Self.width)
        for block in 0..<blocks {
            var (squares, products, differences): (Float, Float, Float) = (0, 0, 0)
            var count: Float = 0
            let top = block / columns * size, left = block % columns * size
            for channel in 0..<4 {
                for y in top..<min(top + size, height) {
                    for x in left..<min(left + size, width) {
                        let index = (channel * height + y) * width + x
                        let error = a[index] - c[index], difference = b[index] - a[index]
                        squares += error * error
                        products += error * difference
                        differences += difference * difference
                        count += 1
                    }
                }
            }
            for feature in 0..<RecallFeatures.count {
                samples.append(values[feature * blocks + block])
            }
            samples += [squares / count, products / count, differences / count]
        }
        return samples
    }
}
