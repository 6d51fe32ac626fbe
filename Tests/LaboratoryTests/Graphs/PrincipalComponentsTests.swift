import Tensors
import Testing

@testable import Laboratory

@Suite("Principal components")
struct PrincipalComponentsTests {
    /// Rows around (5, -2, 1) that vary by 3, 1 and 0.1 along three directions at right angles.
    private let axes: [[Double]] = [[0.6, 0.8, 0], [-0.8, 0.6, 0], [0, 0, 1]]
    private var rows: [[Float]] {
        var random = RandomSource(seed: 4)
        return (0..<4000).map { _ in
            let along = [3, 1, 0.1].map { $0 * random.normal() }
            return [5, -2, 1.0].enumerated().map { column, mean in
                Float(zip(along, axes).reduce(mean) { $0 + $1.0 * $1.1[column] })
            }
        }
    }

    @Test("Directions and spreads are those that rows were made with")
    func known() {
        var random = RandomSource(seed: 1)
        let found = PrincipalComponents(of: rows, count: 3, using: &random)
        for (index, deviation) in [3, 1, 0.1].enumerated() {
            let cosine = zip(found.directions[index], axes[index]).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(abs(cosine) > 0.999, "\(index)")
            #expect(abs(found.deviations[index] / deviation - 1) < 0.05, "\(index)")
        }
    }

    @Test("Coordinates have mean 0 and variance 1, and do not vary together")
    func coordinates() {
        var random = RandomSource(seed: 1)
        let found = PrincipalComponents(of: rows, count: 2, using: &random)
        let all = rows.map { found($0) }
        func moment(_ i: Int, _ j: Int) -> Double {
            all.reduce(0) { $0 + $1[i] * $1[j] } / Double(all.count)
        }
        #expect(abs(moment(0, 0) - 1) < 1e-2 && abs(moment(1, 1) - 1) < 1e-2)
        #expect(abs(moment(0, 1)) < 1e-3)
        #expect(abs(all.reduce(0) { $0 + $1[0] }) / Double(all.count) < 1e-3)
    }

    @Test("Rows that do not vary have coordinates that are numbers")
    func constant() {
        var random = RandomSource(seed: 1)
        let same = [[Float]](repeating: [1, 2, 3], count: 5)
        let found = PrincipalComponents(of: same, count: 2, using: &random)
        #expect(found([1, 2, 3]).allSatisfy { $0 == 0 })
    }
}
