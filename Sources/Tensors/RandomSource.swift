// Seeded random numbers: the same seed gives the same numbers on every machine.
import Glibc

/// xoshiro256** with a SplitMix64 seed; its state can be stored and restored exactly.
///
/// - SeeAlso: Blackman and Vigna, "Scrambled linear pseudorandom number generators" (2021).
public struct RandomSource: RandomNumberGenerator, Sendable, Equatable {
    /// The four words of state.
    public var state: [UInt64]

    /// A generator that starts from `seed`.
    public init(seed: UInt64) {
        var z = seed
        state = (0..<4).map { _ in
            z &+= 0x9e37_79b9_7f4a_7c15
            var x = z
            x = (x ^ (x >> 30)) &* 0xbf58_476d_1ce4_e5b9
            x = (x ^ (x >> 27)) &* 0x94d0_49bb_1331_11eb
            return x ^ (x >> 31)
        }
    }

    /// The next 64 random bits.
    public mutating func next() -> UInt64 {
        func rotate(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
        let result = rotate(state[1] &* 5, 7) &* 9
        let t = state[1] << 17
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= t
        state[3] = rotate(state[3], 45)
        return result
    }

    /// A number drawn evenly from [0, 1).
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A number drawn evenly from `range`.
    public mutating func uniform(in range: Range<Double>) -> Double {
        range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
    }

    /// An integer drawn evenly from 0..<`bound`.
    public mutating func index(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }

    /// A number drawn from the standard normal distribution (Box-Muller).
    public mutating func normal() -> Double {
        let radius = (-2 * Glibc.log(1 - uniform())).squareRoot()
        return radius * Glibc.cos(2 * .pi * uniform())
    }
}

extension Tensor {
    /// Elements drawn evenly from `range`.
    public static func uniform(
        _ shape: Shape, in range: Range<Double> = -1..<1, using random: inout RandomSource
    ) -> Tensor {
        Tensor(shape: shape) { for i in 0..<$0.count { $0[i] = Scalar(random.uniform(in: range)) } }
    }

    /// Elements drawn from a normal distribution of mean 0.
    public static func normal(
        _ shape: Shape, deviation: Double = 1, using random: inout RandomSource
    ) -> Tensor {
        Tensor(shape: shape) {
            for i in 0..<$0.count { $0[i] = Scalar(deviation * random.normal()) }
        }
    }
}
