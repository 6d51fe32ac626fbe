// What a measure is made of: one sum over columns for each pair, and a number for each query and each key.
import Glibc
import Tensors

/// A measure of every query and key as scale · Σ term(q', k') + a(q) + b(k).
///
/// The sum over columns, of changed patterns, is what costs; products among them are products of matrices.
struct Pairing {
    /// What is summed over columns.
    enum Term { case product, absoluteDifference, difference, mixtureEntropy }

    let measure: Similarity.Measure
    let scalesPatterns: Bool

    init(_ similarity: Similarity) {
        (measure, scalesPatterns) = (similarity.measure, similarity.scalesPatterns)
    }

    /// What is summed.
    var term: Term {
        switch measure {
        case .dotProduct, .cosine, .euclidean, .kullbackLeibler, .reverseKullbackLeibler: .product
        case .manhattan: .absoluteDifference
        case .hamming: .difference
        case .jensenShannon: .mixtureEntropy
        }
    }

    /// What the sum is multiplied by.
    var scale: Double {
        switch measure {
        case .euclidean: -2
        case .kullbackLeibler, .reverseKullbackLeibler, .jensenShannon: -1
        case .dotProduct, .cosine, .manhattan, .hamming: 1
        }
    }

    /// Patterns as they enter the sum, and the number that each adds.
    typealias Side = (patterns: Tensor<Float>, numbers: [Double])

    /// The keys' side: `[N, d]`, N numbers.
    func keys(_ x: Tensor<Float>) -> Side { side(x, isKey: true) }
    /// The queries' side.
    func queries(_ x: Tensor<Float>) -> Side { side(x, isKey: false) }

    private func side(_ x: Tensor<Float>, isKey: Bool) -> Side {
        let zeros = [Double](repeating: 0, count: x.shape[0])
        switch measure {
        case .dotProduct:
            return (scalesPatterns ? x.rowsDivided(by: x.rowSums { $0 }) : x, zeros)
        case .cosine:
            return (x.rowsDivided(by: x.rowSums { $0 * $0 }.map { $0.squareRoot() }), zeros)
        case .euclidean: return (x, x.rowSums { $0 * $0 })
        case .manhattan, .hamming: return (x, zeros)
        case .kullbackLeibler, .reverseKullbackLeibler:
            let p = x.distributions
            // The distribution whose logarithm stands alone is the one behind ‖.
            let isBehind = (measure == .kullbackLeibler) != isKey
            return isBehind ? (p.map { log($0) }, zeros) : (p, p.negatedEntropies)
        case .jensenShannon:
            let p = x.distributions
            return (p, p.negatedEntropies.map { $0 / 2 })
        }
    }
}
