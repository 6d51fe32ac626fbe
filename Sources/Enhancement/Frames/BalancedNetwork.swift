// A generator between two sets of weights: interpolated for a whole video, or blended over each frame.
import CKernels
import Compute
import Networks
import Quality
import Tensors

/// Runs a generator with the weights that a balance asks for.
///
/// A fixed balance interpolates the weights once. By a map, the network runs with either set, and where
/// the map has both their residuals are blended; a frame whose map is all one or the other runs once.
/// Belongs to one thread.
final class BalancedNetwork {
    /// The network, whose packets are filled before ``run(_:)``.
    let network: PacketNetwork
    /// Whether ``run(_:)`` wants a map.
    let isMapped: Bool
    private let fidelity: Parameters, perceptual: Parameters
    private var isPerceptualLoaded = false
    private let threads: Int
    private var blended: [Float] = []
    private var isBlended = false

    /// Shares that nobody would see the difference of.
    private static let nothing: Float = 0.02

    /// Compiles the network for frames of `width` x `height` packet positions.
    ///
    /// - Throws: `PlanError`.
    init(
        _ model: EnhancementModel, balance: Balance, width: Int, height: Int, tile: Int?,
        precision: Precision, threads: Int
    ) throws {
        var model = model
        let other = model.perceptual ?? model.parameters
        if case .fixed(let share) = balance {
            model.parameters = model.parameters.interpolated(to: other, share: share)
        }
        isMapped = balance == .automatic && model.perceptual != nil
        (fidelity, perceptual) = (model.parameters, other)
        self.threads = threads
        network = try PacketNetwork(
            model, width: width, height: height, tile: tile, precision: precision,
            threads: threads)
    }

    /// Computes the residual of the frame.
    ///
    /// - Parameter map: Where which weights count, if ``isMapped``.
    func run(_ map: BalanceMap?) throws {
        isBlended = false
        guard let map, isMapped, map.largest > Self.nothing else {
            return try run(withPerceptual: false)
        }
        try run(withPerceptual: false)
        keep(network.residual)
        try run(withPerceptual: true)
        let layout = network.outputLayout
        let group = layout.order == .blocked16 ? 16 : 1
        blended.withUnsafeMutableBufferPointer { blended in
            map.shares.withUnsafeBufferPointer { shares in
                percept_blend_packets(
                    blended.baseAddress!, network.residual.baseAddress!,
                    Int32(layout.channels / group), Int32(layout.height), Int32(layout.width),
                    Int32(group), shares.baseAddress!, Int32(map.shares.shape[0]),
                    Int32(map.shares.shape[1]), Int32(DamageMap.cell / 2), Int32(threads))
            }
        }
        isBlended = true
    }

    /// Calls `body` with the residual's packets of the last run.
    func withResidual<Result>(
        _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        isBlended ? try blended.withUnsafeBufferPointer(body) : try body(network.residual)
    }

    private func keep(_ residual: UnsafeBufferPointer<Float>) {
        if blended.count != residual.count {
            blended = Array(residual)
        } else {
            blended.withUnsafeMutableBufferPointer { _ = $0.update(fromContentsOf: residual) }
        }
    }

    private func run(withPerceptual: Bool) throws {
        if withPerceptual != isPerceptualLoaded {
            network.use(withPerceptual ? perceptual : fidelity)
            isPerceptualLoaded = withPerceptual
        }
        try network.run()
    }
}
