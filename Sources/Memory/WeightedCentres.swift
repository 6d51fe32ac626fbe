// The states that are most alike to weighted keys: means, medians, directions, geometric means.
import Glibc
import Tensors

extension AssociativeMemory {
    /// The state that is most alike to all keys by their weights, for each row of weights `[rows, N]`.
    ///
    /// - Parameter states: Where rows come from: they stay there if nothing has a weight.
    func centres(of weights: Tensor<Float>, from states: Tensor<Float>) throws -> Tensor<Float> {
        let measure = similarity.measure
        if measure == .dotProduct { return try answered(weights) }
        let rows = states.shape[0]
        let patterns = measure.comparesDistributions ? keys.distributions : keys
        let starts = measure.comparesDistributions ? states.distributions : states
        let sums = keys.rowSums { $0 }, lengths = keys.rowSums { $0 * $0 }.map { $0.squareRoot() }
        var result = states
        for row in 0..<rows {
            let weighted = (0..<count).map { (key: $0, weight: Double(weights[row, $0])) }
                .filter { $0.weight != 0 }
            guard !weighted.isEmpty else { continue }
            let total = weighted.reduce(0) { $0 + $1.weight }
            let centre: [Double]
            switch measure {
            case .cosine:
                centre = mean(weighted.map { ($0.key, $0.weight / max(lengths[$0.key], 1e-30)) })
            case .manhattan, .hamming:
                centre = (0..<width).map { column in
                    let entries = weighted.map { (Double(keys[$0.key, column]), $0.weight) }
                    return measure == .manhattan ? median(entries) : mode(entries)
                }
            case .kullbackLeibler:
                centre = mean(
                    weighted.map { ($0.key, $0.weight / total / max(sums[$0.key], 1e-30)) })
            case .reverseKullbackLeibler, .jensenShannon:
                let own = measure == .jensenShannon ? row : nil
                let scale = weighted.reduce(0) { $0 + $1.weight / total * sums[$1.key] }
                centre = geometricMean(weighted, total, patterns, starts, own)
                    .map { scale * $0 }
            default: centre = mean(weighted.map { ($0.key, $0.weight / total) })
            }
            result.withUnsafeMutableBufferPointer { result in
                for column in 0..<width { result[row * width + column] = Float(centre[column]) }
            }
        }
        return result
    }

    private func mean(_ weighted: [(key: Int, weight: Double)]) -> [Double] {
        var sum = [Double](repeating: 0, count: width)
        keys.withUnsafeBufferPointer { keys in
            for (key, weight) in weighted {
                for column in 0..<width {
                    sum[column] += weight * Double(keys[key * width + column])
                }
            }
        }
        return sum
    }

    /// The distribution whose logarithm is the weighted mean of logarithms, without the smoothing.
    ///
    /// For Jensen-Shannon divergences logarithms are those of mixtures with the state itself: the divergence lies below
    /// what it would be with other mixtures, and touches it at the state.
    private func geometricMean(
        _ weighted: [(key: Int, weight: Double)], _ total: Double, _ patterns: Tensor<Float>,
        _ states: Tensor<Float>, _ own: Int?
    ) -> [Double] {
        var logarithms = [Double](repeating: 0, count: width)
        for (key, weight) in weighted {
            for column in 0..<width {
                var p = Double(patterns[key, column])
                if let own { p = (p + Double(states[own, column])) / 2 }
                logarithms[column] += weight / total * log(p)
            }
        }
        let largest = logarithms.max() ?? 0
        let p = logarithms.map { exp($0 - largest) }
        let sum = p.reduce(0, +)
        let smoothing = Similarity.smoothing
        return p.map { max($0 / sum * (1 + Double(width) * smoothing) - smoothing, 0) }
    }
}

/// The number with half of the weight at most on either side.
private func median(_ entries: [(Double, Double)]) -> Double {
    let sorted = entries.sorted { $0.0 < $1.0 }
    let half = sorted.reduce(0) { $0 + $1.1 } / 2
    var passed = 0.0
    for (value, weight) in sorted {
        passed += weight
        if passed >= half { return value }
    }
    return sorted[sorted.count - 1].0
}

/// The number with the most weight.
private func mode(_ entries: [(Double, Double)]) -> Double {
    var weights: [Double: Double] = [:]
    for (value, weight) in entries { weights[value, default: 0] += weight }
    return weights.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? 0
}
