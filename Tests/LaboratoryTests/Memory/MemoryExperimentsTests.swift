import Tensors
import TestSupport
import Testing

@testable import Laboratory

@Suite struct MemoryExperimentsTests {
    @Test("Experiments on memories have names and claims of their own, and say where claims stand")
    func names() {
        let all = MemoryExperiments.all
        #expect(
            all.map(\.name) == [
                "hopfield-similarity", "hopfield-separation", "hopfield-capacity",
                "memory-completion", "memory-denoising", "memory-depth", "memory-hetero",
            ])
        #expect(Set(all.map(\.claim)).count == all.count)
        #expect(all.allSatisfy { $0.source.contains("arXiv:") })
    }

    @Test("The experiment on separations finds the paper's order on textures")
    func separation() throws {
        var setting = ExperimentSetting()
        setting.seeds = 1
        let result = try HopfieldSeparation().run(setting)
        #expect(result.tables.count == 2 && result.charts.count == 2)
        #expect(result.findings[0].holds, "\(result.findings[0].found)")
    }

    @Test("A small generative memory stores textures and completes them from a quarter")
    func storing() throws {
        let set = Textures().pictures(6, seed: 1)
        let setup = MemorySetup(set: set, count: 6, hidden: 64, epochs: 500)
        let memory = try setup.stored(seed: 1, ExperimentSetting())
        #expect(memory.network.widths == [64, 64, 768])
        let pictures = setup.pictures(seed: 1)
        var random = RandomSource(seed: 1)
        let damaged = PictureDamage.pixels(0.75).applied(
            to: pictures, height: 16, channels: 3, using: &random)
        guard let known = damaged.known else {
            Issue.record("nothing is known")
            return
        }
        let errors = try memory.complete(damaged.pictures, knowing: known)
            .meanSquaredErrors(to: pictures)
        #expect(errors.part(below: 0.005) == 1, "\(errors)")
    }

    @Test("As many pictures are stored as somebody says")
    func count() throws {
        var setting = ExperimentSetting()
        #expect(try MemorySetup.all(setting).map(\.count) == [25])
        setting.pictures = 60
        let textures = try MemorySetup.all(setting)
        #expect(textures.map(\.count) == [60])
        #expect(textures[0].pictures(seed: 1).shape == [60, 768])
        guard let dataFolder else { return }
        setting.data = dataFolder
        let counts = try [60, 5000].flatMap { pictures in
            setting.pictures = pictures
            return try MemorySetup.all(setting).map { ($0.count, $0.set.count) }
        }
        #expect(counts.allSatisfy { $0.0 == 60 || $0.0 == min(5000, $0.1) })
        #expect(counts.count { $0.0 == 60 } == counts.count / 2)
        (setting.pictures, setting.isFull) = (60, true)
        #expect(try MemorySetup.all(setting).allSatisfy { $0.count == 60 })
    }

    @Test("Photographs are found where the folder of data has them")
    func photographs() throws {
        guard let dataFolder else {
            print("skipped: PERCEPT_DATA names no folder with cifar10 and tinyimagenet")
            return
        }
        var setting = ExperimentSetting()
        setting.data = dataFolder
        let sets = try setting.photographSets()
        for set in sets {
            #expect(set.channels == 3 && set.count >= 100)
            #expect(set.pictures.elements.allSatisfy { (0...1).contains($0) })
        }
        #expect(Set(sets.map(\.origin)).isSubset(of: ["CIFAR-10", "Tiny ImageNet"]))
    }
}
