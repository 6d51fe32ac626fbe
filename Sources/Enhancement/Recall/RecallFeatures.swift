// What is known of a recalled picture, block by block, that says how far it is to be believed.
import CKernels
import Glibc
import Motion
import Tensors

/// Two pictures and where they are from, as far as they say how much of their difference is worth adding.
///
/// What two encoders made of the same differs by the sum of their errors; what differs by more, or is rough where it was moved, is
/// something else, and what differs by less was coded alike, so that a mean gains nothing. All are logarithms of ratios, mostly in parts of
/// the squared error that the frame's quantisers make likely, so that the same holds for every quality.
struct RecallFeatures {
    /// Numbers of a block.
    static let count = Int(PERCEPT_RECALL_FEATURES)
    /// Packet positions along a block: 8x8 samples.
    static let block = Int(PERCEPT_RECALL_BLOCK)

    /// `[count, rows, columns]`: how a block differs, its coarse half, and the nine blocks around; how coarse halves differ in the
    /// middle of all blocks, the errors of both pictures, and how thumbnails differ; detail, how much of that the recalled picture has,
    /// and how much motion varies.
    let values: Tensor<Float>
    /// How each block differs: its mean squared difference, in parts of the likely error, `[rows, columns]`.
    let differences: Tensor<Float>
    /// How the coarse halves of all blocks do, in the middle.
    let coarse: Float

    /// Whether pictures as like each other as these were among those that weights were fitted to.
    var isKnown: Bool { coarse < 6 }

    /// Where a recalled picture is from.
    struct Source {
        /// Where each part of the frame lies in it.
        let flow: Flow
        /// The squared errors that the frame and it are likely to have.
        let error: Float, recalledError: Float
        /// The mean difference of their thumbnails, in 8-bit code values.
        let distance: Float
    }

    /// What the packets of a frame and of a recalled picture say.
    ///
    /// - Parameters:
    ///   - decoded: LL, HL, LH and HH in 8-bit code values, `[4, height, width]`.
    ///   - recalled: The same of the recalled picture, moved to where the frame has what it shows.
    init(
        decoded: Tensor<Float>, recalled: Tensor<Float>, from source: Source, threads: Int = 1
    ) {
        let (height, width) = (decoded.shape[1], decoded.shape[2])
        let rows = Self.blocks(height), columns = Self.blocks(width)
        let count = rows * columns
        let sums = Self.sums(decoded, recalled, source, count: count, threads: threads)
        let step = max(count / 1024, 1)
        let some = stride(from: count, to: 2 * count, by: step).map { sums[$0] }.sorted()
        let middle = some[some.count / 2]
        coarse = middle
        differences = Tensor(Array(sums[0..<count]), shape: [rows, columns])
        let shared = [
            logf(middle + 0.01), logf(source.recalledError / source.error),
            logf(source.distance + 0.1),
        ]
        values = Tensor(shape: [Self.count, rows, columns]) {
            percept_recall_features(
                sums, Int32(rows), Int32(columns), shared, $0.baseAddress!, Int32(threads))
        }
    }

    /// Blocks along so many packet positions.
    static func blocks(_ extent: Int) -> Int { (extent + block - 1) / block }

    private static func sums(
        _ decoded: Tensor<Float>, _ recalled: Tensor<Float>, _ source: Source, count: Int,
        threads: Int
    ) -> [Float] {
        [Float](unsafeUninitializedCapacity: Int(PERCEPT_RECALL_SUMS) * count) {
            sums, initialised in
            decoded.withUnsafeBufferPointer { a in
                recalled.withUnsafeBufferPointer { b in
                    source.flow.x.withUnsafeBufferPointer { x in
                        source.flow.y.withUnsafeBufferPointer { y in
                            var pictures = percept_recall(
                                decoded: a.baseAddress, recalled: b.baseAddress,
                                width: Int32(decoded.shape[2]), height: Int32(decoded.shape[1]),
                                flow_x: x.baseAddress, flow_y: y.baseAddress,
                                flow_width: Int32(source.flow.x.shape[1]),
                                flow_height: Int32(source.flow.x.shape[0]))
                            percept_recall_sums(
                                &pictures, 1 / source.error, sums.baseAddress!, Int32(threads))
                        }
                    }
                }
            }
            initialised = sums.count
        }
    }
}
