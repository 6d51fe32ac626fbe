import Learning
import Tensors
import Testing

@Suite struct PCTopologyTests {
    @Test("No arrangement has a self loop, whatever is asked for")
    func selfLoops() {
        var random = RandomSource(seed: 1)
        let sizes: KeyValuePairs<String, Int> = ["a": 3, "b": 5]
        let all = [
            PCTopology(sizes) { _, _ in true }, .complete(sizes),
            .sparse(sizes, density: 1, using: &random),
            .assemblies(sizes, inside: 1, between: 1, using: &random),
        ]
        for topology in all {
            #expect((0..<8).allSatisfy { !topology.hasEdge($0, $0) })
            #expect(topology.edgeCount == 8 * 7)
            #expect(topology.mask.elements.reduce(0, +) == 56)
        }
    }

    @Test("Groups stand side by side in the order in which they are named")
    func groups() {
        let topology = PCTopology.complete(["pixels": 4, "label": 2, "hidden": 3])
        #expect(topology.groups.map(\.name) == ["pixels", "label", "hidden"])
        #expect(topology.group("pixels").range == 0..<4)
        #expect(topology.group("label").range == 4..<6)
        #expect(topology.group("hidden").range == 6..<9)
    }

    @Test("Layers connect neighbours only, in the direction that is asked for")
    func layers() {
        let sizes: KeyValuePairs<String, Int> = ["pixels": 4, "hidden": 3, "label": 2]
        let forward = PCTopology.layered(sizes, .discriminative)
        let backward = PCTopology.layered(sizes, .generative)
        let both = PCTopology.layered(sizes, .bidirectional)
        #expect(forward.edgeCount == 4 * 3 + 3 * 2)
        #expect(forward.hasEdge(0, 4) && !forward.hasEdge(4, 0) && !forward.hasEdge(0, 7))
        #expect(both.edgeCount == 2 * forward.edgeCount)
        for i in 0..<9 {
            for j in 0..<9 {
                #expect(forward.hasEdge(i, j) == backward.hasEdge(j, i))
                #expect(both.hasEdge(i, j) == (forward.hasEdge(i, j) || backward.hasEdge(i, j)))
            }
        }
    }

    @Test("Assemblies have the densities that were asked for")
    func assemblies() {
        var random = RandomSource(seed: 4)
        let topology = PCTopology.assemblies(
            ["a": 60, "b": 60], inside: 0.5, between: 0.1, using: &random)
        func density(_ from: Range<Int>, _ to: Range<Int>) -> Double {
            let found = from.reduce(0) { sum, i in
                sum + to.reduce(0) { $0 + (topology.hasEdge(i, $1) ? 1 : 0) }
            }
            return Double(found) / Double(from.count * to.count)
        }
        #expect(abs(density(0..<60, 0..<60) - 0.5) < 0.05)
        #expect(abs(density(0..<60, 60..<120) - 0.1) < 0.03)
        #expect(abs(density(60..<120, 0..<60) - 0.1) < 0.03)
    }
}
