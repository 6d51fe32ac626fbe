import Enhancement
import Networks
import Tensors
import TestSupport
import Testing

@Suite("Models that restore pictures")
struct RestorationModelsTests {
    @Test("Weights of other programs are no models, perceptual weights belong to their model")
    func kinds() throws {
        let folder = TemporaryFolder()
        var random = RandomSource(seed: 1)
        let generator = Generator(.live)
        let model = EnhancementModel(
            name: "mine", generator: generator,
            parameters: Parameters(initialising: generator, using: &random))
        for name in ["mine", "mine.perceptual", "lone.perceptual"] {
            try model.write(to: folder("\(name).safetensors"))
        }
        try model.parameters.write(
            to: folder("verbs.safetensors"), metadata: ["percept.kind": "predicate head"])
        try model.parameters.write(
            to: folder("detector.safetensors"), metadata: ["percept.input": "rgb-normalised"])
        folder.write(Array("broken".utf8), to: "broken.safetensors")
        let catalogue = ModelCatalogue(environment: folder.path, program: nil)
        #expect(catalogue.files.count == 6)
        #expect(catalogue.models.map(\.name) == ["broken", "lone.perceptual", "mine"])
    }
}
