// What a generative memory is measured against: autoencoders, a modern Hopfield network, masked retrieval.
import Learning
import Memory
import Tensors

/// An autoencoder that learned some pictures by backpropagation, and is applied to its own answers.
struct TrainedAutoencoder {
    let name: String
    private let net: BackpropagatedNet

    /// An autoencoder with the given hidden layers.
    init(
        _ hidden: [Int], _ pictures: Tensor<Float>, epochs: Int, seed: Int, threads: Int
    ) throws {
        name = "autoencoder " + hidden.map(String.init).joined(separator: "-")
        var random = RandomSource(seed: UInt64(seed))
        let width = pictures.shape[1]
        var net = BackpropagatedNet(
            [width] + hidden + [width], .squares, threads: threads, using: &random)
        // The rate falls, so that the end is as exact as the other networks'.
        for (share, rate) in [(0.6, 1e-3), (0.25, 3e-4), (0.15, 1e-4)] {
            try net.train(
                pictures, to: pictures, epochs: max(1, Int(share * Double(epochs))),
                batch: pictures.shape[0], rate: rate, using: &random)
        }
        self.net = net
    }

    /// What comes out when it is applied so often, with known entries as they were each time.
    func applied(
        to pictures: Tensor<Float>, knowing known: Tensor<Float>? = nil, times: Int
    ) throws -> Tensor<Float> {
        var state = pictures
        for _ in 0..<times {
            let next = try net(state)
            state = known.map { next.keeping(pictures, where: $0) } ?? next
        }
        return state
    }
}

/// The modern Hopfield network with the best of three sharpnesses.
struct BestModernHopfield {
    static let name = "modern Hopfield, best β"
    private static let betas = [1.0, 10, 100]

    /// The least errors of the pictures it settles at, over sharpnesses.
    static func errors(
        of damaged: Tensor<Float>, storing pictures: Tensor<Float>, below bound: Double,
        threads: Int
    ) throws -> [Double] {
        let all = try betas.map { beta in
            try AssociativeMemory.modernHopfield(pictures, beta: beta, threads: threads)
                .settle(damaged, steps: 5).states.meanSquaredErrors(to: pictures)
        }
        return all.max { a, b in a.count { $0 < bound } < b.count { $0 < bound } } ?? []
    }
}

extension Tensor where Scalar == Float {
    /// The entries of another where a mask `[1, d]` or `[N, d]` is not 0, else its own.
    func keeping(_ other: Tensor, where known: Tensor) -> Tensor {
        Tensor(shape: shape) { to in
            withUnsafeBufferPointer { own in
                other.withUnsafeBufferPointer { other in
                    known.withUnsafeBufferPointer { known in
                        for index in to.indices {
                            to[index] = known[index % known.count] != 0 ? other[index] : own[index]
                        }
                    }
                }
            }
        }
    }

    /// The mean squared error of each row.
    func meanSquaredErrors(to other: Tensor) -> [Double] {
        squaredErrors(to: other).map { $0 / Double(shape[1]) }
    }
}

extension [Double] {
    /// The part of them that is below a bound.
    func part(below bound: Double) -> Double { Double(count { $0 < bound }) / Double(count) }
}
