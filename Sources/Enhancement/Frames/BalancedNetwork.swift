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
    /// The network with the perceptual weights, where they cannot be exchanged: int8 is compiled for
    /// the ranges of one set.
    private let second: PacketNetwork?
    private var isPerceptualLoaded = false
    private let threads: Int
    private var blended: [Float] = []
    private var isBlended = false

    /// Shares that nobody would see the difference of.
    private static let nothing: Float = 0.02

    /// Compiles the network for frames of `width` x `height` packet positions.
    ///
    /// - Throws: `PlanError`; ``ModelError`` or ``PrecisionUnavailable`` where int8 is not possible.
    init(
        _ model: EnhancementModel, balance: Balance, width: Int, height: Int, tile: Int?,
        precision: Precision, threads: Int
    ) throws {
        try model.require(precision, at: balance)
        var other = model
        if let weights = model.perceptual {
            (other.parameters, other.calibration) = (weights.parameters, weights.calibration)
        }
        func compiled(_ model: EnhancementModel) throws -> PacketNetwork {
            try PacketNetwork(
                model, width: width, height: height, tile: tile, precision: precision,
                threads: threads)
        }
        isMapped = balance == .automatic && model.perceptual != nil
        (fidelity, perceptual) = (model.parameters, other.parameters)
        self.threads = threads
        switch balance {
        case .automatic, .fixed(0): network = try compiled(model)
        case .fixed(1): network = try compiled(other)
        case .fixed(let share):
            var between = model
            between.parameters = fidelity.interpolated(to: perceptual, share: share)
            network = try compiled(between)
        }
        second = isMapped && precision == .int8 ? try compiled(other) : nil
    }

    /// Computes the residual of the frame.
    ///
    /// - Parameter map: Where which weights count, if ``isMapped``.
    func run(_ map: BalanceMap?) throws {
        isBlended = false
        guard let map, isMapped, map.largest > Self.nothing else { return try runFidelity() }
        try runFidelity()
        keep(network.residual)
        blend(try runPerceptual().baseAddress!, map.shares)
    }

    /// Takes back the parts of the last residual that a map withholds.
    func withhold(_ map: CorrectionMap) {
        guard map.largest > 0 else { return }
        if !isBlended { keep(network.residual) }
        blend(nil, map.withheld)
    }

    /// Brings what was kept nearer to another residual, nil: to nothing, by the shares of 16x16 cells.
    private func blend(_ other: UnsafePointer<Float>?, _ shares: Tensor<Float>) {
        let layout = network.outputLayout
        let group = layout.order == .blocked16 ? 16 : 1
        blended.withUnsafeMutableBufferPointer { blended in
            shares.withUnsafeBufferPointer { values in
                percept_blend_packets(
                    blended.baseAddress!, other, Int32(layout.channels / group),
                    Int32(layout.height), Int32(layout.width), Int32(group), values.baseAddress!,
                    Int32(shares.shape[0]), Int32(shares.shape[1]), Int32(ContentMap.cell / 2),
                    Int32(threads))
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

    private func runFidelity() throws {
        if isPerceptualLoaded { network.use(fidelity) }
        isPerceptualLoaded = false
        try network.run()
    }

    /// Runs with the perceptual weights on the same packets and returns their residual.
    private func runPerceptual() throws -> UnsafeBufferPointer<Float> {
        if let second {
            second.packets.copyMemory(
                from: network.packets, byteCount: network.inputLayout.byteCount)
            try second.run()
            return second.residual
        }
        network.use(perceptual)
        isPerceptualLoaded = true
        try network.run()
        return network.residual
    }
}
