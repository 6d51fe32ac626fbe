// The measures as their definitions say, in Double, pair by pair: what the fast ones are compared with.
import Glibc

extension Similarity {
    /// The measure between a query and a key, over the entries that are known.
    ///
    /// Slow, and readable; tests hold the fast ones to it.
    public func referenceMeasure(
        _ query: [Double], _ key: [Double], knowing known: [Bool]? = nil
    ) -> Double {
        precondition(query.count == key.count, "\(query.count) and \(key.count) entries")
        let columns = query.indices.filter { known?[$0] ?? true }
        var q = columns.map { query[$0] }, k = columns.map { key[$0] }
        if scalesPatterns { (q, k) = (Self.divided(q), Self.divided(k)) }
        switch measure {
        case .dotProduct: return Self.product(q, k)
        case .cosine:
            let lengths = (Self.product(q, q) * Self.product(k, k)).squareRoot()
            return lengths > 0 ? Self.product(q, k) / lengths : 0
        case .euclidean: return zip(q, k).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        case .manhattan: return zip(q, k).reduce(0) { $0 + abs($1.0 - $1.1) }
        case .hamming: return Double(zip(q, k).count { $0 != $1 })
        case .kullbackLeibler: return Self.divergence(Self.smoothed(k), Self.smoothed(q))
        case .reverseKullbackLeibler: return Self.divergence(Self.smoothed(q), Self.smoothed(k))
        case .jensenShannon:
            let (p, r) = (Self.smoothed(k), Self.smoothed(q))
            let middle = zip(p, r).map { ($0 + $1) / 2 }
            return (Self.divergence(p, middle) + Self.divergence(r, middle)) / 2
        }
    }

    private static func product(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }

    private static func divided(_ x: [Double]) -> [Double] {
        let sum = x.reduce(0, +)
        return x.map { sum == 0 ? 0 : $0 / sum }
    }

    /// A distribution without zeros.
    private static func smoothed(_ x: [Double]) -> [Double] {
        let sum = x.reduce(0) { $0 + max($1, 0) }
        return x.map { entry in
            let part = sum > 0 ? max(entry, 0) / sum : 1 / Double(x.count)
            return (part + smoothing) / (1 + Double(x.count) * smoothing)
        }
    }

    /// KL(p ‖ q).
    private static func divergence(_ p: [Double], _ q: [Double]) -> Double {
        zip(p, q).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
    }
}
