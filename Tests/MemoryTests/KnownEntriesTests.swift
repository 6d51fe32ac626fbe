import Tensors
import Testing

@testable import Memory

@Suite struct KnownEntriesTests {
    @Test("Queries that know the same entries are one group")
    func groups() {
        let mask = Tensor<Float>([1, 0, 1, 0, 1, 1, 1, 0, 1], shape: [3, 3])
        let groups = KnownEntries(mask, rows: 3, width: 3).groups
        #expect(
            groups == [
                .init(rows: [0, 2], columns: [0, 2]), .init(rows: [1], columns: [1, 2]),
            ])
    }

    @Test("One mask serves all queries, and no mask means that all is known")
    func whole() {
        let one = KnownEntries(Tensor([0, 1], shape: [1, 2]), rows: 4, width: 2).groups
        #expect(one == [.init(rows: [0, 1, 2, 3], columns: [1])])
        let all = KnownEntries(nil, rows: 2, width: 3).groups
        #expect(all == [.init(rows: [0, 1], columns: [0, 1, 2])])
    }
}
