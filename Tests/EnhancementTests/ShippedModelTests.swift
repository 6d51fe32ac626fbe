import Compute
import Enhancement
import Networks
import TestSupport
import Testing

@Suite("The models that come with Percept")
struct ShippedModelTests {
    static let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
    static let names = ["fast", "live", "studio"]

    private func path(_ name: String) -> String { "\(Self.root)/models/\(name).safetensors" }

    @Test("All of them are there, and no others")
    func list() {
        let catalogue = ModelCatalogue(environment: Self.root + "/models", program: nil)
        #expect(catalogue.models.map(\.name).sorted() == Self.names)
    }

    @Test("A model's card has its hash, its size and its cost", arguments: names)
    func card(name: String) throws {
        let card = String(decoding: readBytes("\(Self.root)/models/\(name).md"), as: UTF8.self)
        let model = try restorationModel(contentsOf: path(name))
        #expect(model.name == name)
        #expect(card.contains(try SHA256(ofFile: path(name)).hexadecimal))
        var weights = "\(model.parameters.reduce(0) { $0 + $1.tensor.shape.count })"
        if weights.count > 3 {
            weights.insert(",", at: weights.index(weights.endIndex, offsetBy: -3))
        }
        #expect(card.contains("\(weights) parameters"), "\(weights)")
        #expect(card.contains("\(model.executedProducts) multiply-accumulates"))
        #expect(card.contains("commercial use"))
        // It is what its name says it is.
        let shape = try #require(GeneratorShape.named[name])
        #expect((model as? EnhancementModel)?.generator.shape == shape)
    }

    @Test(
        "Perceptual weights lie beside those for fidelity, and their hash is in the card",
        arguments: ["live", "studio"])
    func perceptual(name: String) throws {
        let other = try #require(ModelCatalogue.perceptualPath(beside: path(name)))
        let card = String(decoding: readBytes("\(Self.root)/models/\(name).md"), as: UTF8.self)
        #expect(card.contains(try SHA256(ofFile: other).hexadecimal))
        let model = try restorationModel(contentsOf: path(name))
        let weights = try #require((model as? EnhancementModel)?.perceptual)
        #expect(!weights.parameters.isIdentical(to: model.parameters))
        #expect(try EnhancementModel(contentsOf: other).metadata["percept.phase"] == "perceptual")
        // Neither is left behind where the processor computes in 8 bits.
        #expect(model.calibrations(at: .automatic)?.allSatisfy(\.isTolerable) == true)
    }

    @Test("The sample clip gains at least a tenth of a decibel", arguments: names)
    func sample(name: String) throws {
        var evaluation = PairEvaluation(
            try restorationModel(contentsOf: path(name)), options: EnhancementOptions(threads: 2))
        evaluation.frameLimit = 6
        let gain = try evaluation(
            TrainingPair(
                name: "canal", degraded: Self.root + "/samples/canal.mp4",
                reference: Self.root + "/samples/canal.reference.mkv"))
        #expect(gain.frames == 6)
        #expect(gain.gain[0] >= 0.1, "\(gain.gain)")
        #expect(gain.worst >= 0)
    }

    @Test(
        "The sample clip loses next to nothing in int8", .enabled(if: Processor.hasVNNI),
        arguments: ["live", "studio"])
    func calibrated(name: String) throws {
        let model = try restorationModel(contentsOf: path(name))
        #expect(try #require(model.calibrations(at: .fixed(0))).allSatisfy(\.isTolerable))
        func gain(_ precision: Precision) throws -> Double {
            var options = EnhancementOptions(precision: precision, threads: 2)
            options.balance = .fixed(0)
            var evaluation = PairEvaluation(model, options: options)
            evaluation.frameLimit = 3
            return try evaluation(
                TrainingPair(
                    name: "canal", degraded: Self.root + "/samples/canal.mp4",
                    reference: Self.root + "/samples/canal.reference.mkv")
            ).gain[0]
        }
        let (exact, rounded) = (try gain(.f32), try gain(.int8))
        #expect(exact != rounded, "nothing was rounded")
        #expect(rounded >= exact - ModelCalibration.tolerableLoss, "\(exact) dB became \(rounded)")
    }
}
