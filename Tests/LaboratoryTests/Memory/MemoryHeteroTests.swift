import Memory
import Tensors
import Testing

@testable import Laboratory

@Suite("Pictures and captions")
struct MemoryHeteroTests {
    @Test("No two captions are alike, and sentences that share words are nearer than others")
    func captions() {
        var random = RandomSource(seed: 1)
        let captions = Captions(60, using: &random)
        #expect(Set(captions.sentences).count == 60)
        #expect(captions.embeddings.shape == [60, 25])
        var alike: [Double] = [], unlike: [Double] = []
        for a in 0..<60 {
            for b in 0..<a {
                let shared = zip(captions.sentences[a], captions.sentences[b]).count { $0 == $1 }
                let error = captions.embeddings.gathered(rows: [a]).squaredErrors(
                    to: captions.embeddings.gathered(rows: [b]))[0]
                if shared >= 3 { alike.append(error) } else if shared == 0 { unlike.append(error) }
            }
        }
        #expect(!alike.isEmpty && !unlike.isEmpty)
        #expect(Spread(alike).mean < 0.6 * Spread(unlike).mean)
    }

    @Test("Rows stand side by side")
    func joined() {
        let left = Tensor<Float>([1, 2, 3, 4], shape: [2, 2])
        let right = Tensor<Float>([5, 6], shape: [2, 1])
        #expect(left.joined(with: right) == Tensor([1, 2, 5, 3, 4, 6], shape: [2, 3]))
    }

    @Test("A small generative memory finds captions by pictures and pictures by captions")
    func bothWays() throws {
        let setup = MemorySetup(
            set: Textures().pictures(6, seed: 1), count: 6, hidden: 64, epochs: 500)
        var random = RandomSource(seed: 1)
        let pictures = setup.pictures(seed: 1)
        let captions = Captions(6, using: &random).embeddings
        let memory = try setup.stored(pictures.joined(with: captions), seed: 1, ExperimentSetting())
        #expect(memory.network.widths == [64, 64, 793])
        let shown = try memory.associate(captions, at: 768..<793)
        #expect(shown.meanSquaredErrors(to: pictures).part(below: 0.005) == 1)
        let named = try memory.associate(pictures, at: 0..<768)
        #expect(named.meanSquaredErrors(to: captions).part(below: 0.01) == 1)
    }
}
