// Classical dense motion estimation: coarse-to-fine inverse search.
import CKernels
import Tensors

/// Finds the motion between two frames by dense inverse search, coarse to fine.
///
/// Each level starts from the flow of the coarser one, doubled, so that flows accumulate; what lies
/// between samples is found by Gauss-Newton steps on 8x8 patches, 4 apart. The finest level is half
/// the luma's size. No variational refinement: on compressed luma it gives nothing.
///
/// An estimator owns its scratch memory: one per thread of control.
/// - SeeAlso: Kroeger, Timofte, Dai and Van Gool, "Fast optical flow using dense inverse search",
///   ECCV 2016 (arXiv:1603.03590).
public final class MotionEstimator {
    /// What the search may spend and what it takes for noise.
    public struct Parameters: Sendable, Hashable {
        /// Gauss-Newton steps of a patch at most, in each of two sweeps.
        public var iterations = 6
        /// Added to the diagonal of structure tensors, in squared 8-bit steps.
        public var regularisation: Float = 4
        /// Patches whose mean squared difference is below this, in squared 8-bit steps, stay.
        public var goodEnough: Float = 0.25

        /// The defaults, measured on clips compressed at qp 37.
        public init() {}
    }

    /// Size of the luma.
    public let width: Int, height: Int
    private let parameters: Parameters
    private var coarse: [percept_flow] = []
    private let memory: UnsafeMutableRawPointer
    private let scratch: UnsafeMutableRawPointer

    /// An estimator for luma of the given size.
    public init(width: Int, height: Int, parameters: Parameters = Parameters()) {
        self.width = width
        self.height = height
        self.parameters = parameters
        let levels = MotionPyramid(width: width, height: height).levels
        let sizes = levels.dropFirst().map { (Int($0.width), Int($0.height)) }
        let bytes = sizes.map { 2 * 4 * $0.0 * $0.1 }.reduce(64, +)
        memory = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        scratch = UnsafeMutableRawPointer.allocate(
            byteCount: percept_search_scratch(levels[0].width, levels[0].height), alignment: 64)
        var next = memory.bindMemory(to: Float.self, capacity: bytes / 4)
        for (w, h) in sizes {
            coarse.append(percept_flow(x: next, y: next + w * h, width: Int32(w), height: Int32(h)))
            next += 2 * w * h
        }
    }

    deinit {
        memory.deallocate()
        scratch.deallocate()
    }

    /// Estimates where each part of `current` lies in `reference`.
    ///
    /// - Parameters:
    ///   - flow: receives the result; its memory is reused where nobody shares it.
    ///   - seed: a guess, as the flow of the frame before, that competes at the finest level.
    public func estimate(
        from current: MotionPyramid, to reference: MotionPyramid, into flow: inout Flow,
        seed: Flow? = nil, threads: Int = 0
    ) {
        precondition(
            current.width == width && current.height == height && reference.width == width
                && reference.height == height, "pyramids are not \(width)x\(height)")
        precondition(flow.x.shape == [(height + 1) / 2, (width + 1) / 2])
        for level in stride(from: current.levels.count - 1, to: 0, by: -1) {
            search(
                current.levels[level], reference.levels[level],
                coarse: level < coarse.count ? coarse[level] : nil, seed: nil,
                into: coarse[level - 1], error: nil, gain: 1, threads: threads)
        }
        flow.x.withUnsafeMutableBufferPointer { x in
            flow.y.withUnsafeMutableBufferPointer { y in
                flow.error.withUnsafeMutableBufferPointer { error in
                    let finest = MotionEstimator.kernelFlow(x, y, of: current.levels[0])
                    withKernelSeed(seed, level: current.levels[0]) { seed in
                        search(
                            current.levels[0], reference.levels[0], coarse: coarse.first,
                            seed: seed, into: finest, error: error.baseAddress, gain: 2,
                            threads: threads)
                    }
                }
            }
        }
    }

    /// Estimates where each part of `current` lies in `reference`.
    public func estimate(
        from current: MotionPyramid, to reference: MotionPyramid, seed: Flow? = nil,
        threads: Int = 0
    ) -> Flow {
        var flow = Flow(width: width, height: height)
        estimate(from: current, to: reference, into: &flow, seed: seed, threads: threads)
        return flow
    }

    private func search(
        _ current: percept_level, _ reference: percept_level, coarse: percept_flow?,
        seed: percept_flow?, into flow: percept_flow, error: UnsafeMutablePointer<Float>?,
        gain: Float, threads: Int
    ) {
        var search = percept_search(
            iterations: Int32(parameters.iterations), regularisation: parameters.regularisation,
            good_enough: parameters.goodEnough, gain: gain)
        var (current, reference, flow) = (current, reference, flow)
        withOptionalPointer(to: coarse) { coarse in
            withOptionalPointer(to: seed) { seed in
                percept_inverse_search(
                    &current, &reference, coarse, seed, &search, &flow, error, scratch,
                    Int32(threads))
            }
        }
    }

    private func withKernelSeed(
        _ seed: Flow?, level: percept_level, _ body: (percept_flow?) -> Void
    ) {
        guard let seed else { return body(nil) }
        precondition(seed.x.shape == [Int(level.height), Int(level.width)])
        seed.x.withUnsafeBufferPointer { x in
            seed.y.withUnsafeBufferPointer { y in
                body(
                    MotionEstimator.kernelFlow(
                        UnsafeMutableBufferPointer(mutating: x),
                        UnsafeMutableBufferPointer(mutating: y), of: level))
            }
        }
    }

    private static func kernelFlow(
        _ x: UnsafeMutableBufferPointer<Float>, _ y: UnsafeMutableBufferPointer<Float>,
        of level: percept_level
    ) -> percept_flow {
        percept_flow(
            x: x.baseAddress, y: y.baseAddress, width: level.width, height: level.height)
    }
}

private func withOptionalPointer<Value>(
    to value: Value?, _ body: (UnsafePointer<Value>?) -> Void
) {
    guard let value else { return body(nil) }
    withUnsafePointer(to: value) { body($0) }
}
