import Testing

@testable import Interaction

@Suite("Shapes of what is told of a picture")
struct RegionShapeTests {
    private let shape = RegionShape(channels: 448, cells: 3, parts: [.human, .union])

    @Test("Numbers are those of all cells of all parts, behind those of the boxes")
    func counts() {
        #expect(shape.partCount == 9 * 448 && shape.count == 18 * 448)
        #expect(shape.featureCount == 36 + 18 * 448)
    }

    @Test("A description says all, and nothing else is one")
    func description() {
        #expect(shape.description == "448 3 human union")
        #expect(RegionShape(shape.description) == shape)
        for wrong in [
            "", "448", "448 3", "0 3 human", "448 0 human", "x 3 human", "448 3 head",
            "448 3 human human", "999999999 3 human", "-1 3 human",
        ] {
            #expect(RegionShape(wrong) == nil, "\(wrong)")
        }
    }

    @Test("Rows of more parts begin with those of fewer")
    func prefix() {
        let all = RegionShape(channels: 448, cells: 3, parts: [.human, .union, .object])
        #expect(all.begins(with: shape) && all.begins(with: all) && !shape.begins(with: all))
        #expect(!all.begins(with: RegionShape(channels: 448, cells: 3, parts: [.union])))
        #expect(!all.begins(with: RegionShape(channels: 448, cells: 2, parts: [.human])))
        #expect(!all.begins(with: RegionShape(channels: 8, cells: 3, parts: [.human])))
    }
}
