import Compute
import Graphs
import Learning
import Networks
import Tensors
import TestSupport
import Testing

@testable import Enhancement

@Suite("Discriminators")
struct DiscriminatorTests {
    @Test(
        "Critics have the published number of parameters",
        arguments: [(3, 339_905), (12, 342_497), (48, 352_865)])
    func size(inputs: Int, count: Int) {
        #expect(PatchDiscriminator("d", inputs: inputs).learnedCount == count)
    }

    @Test("Scores lie at an eighth of each level's size: 224 pixels give 28, 14 and 7")
    func shapes() throws {
        let critics = PacketDiscriminators(width: 16)
        let graph = Graph.build { builder in
            for (index, verdict) in critics(builder.input("packets")).enumerated() {
                builder.output(verdict.scores, "\(index)")
            }
        }
        var known: [String: Shape] = ["packets": [1, 6, 112, 112]]
        for declaration in critics.declarations { known[declaration.path] = declaration.shape }
        for layer in critics.spectralLayers {
            known[layer.directionInput] = known[layer.weightPath]
        }
        let shapes = try graph.shapes { known[$0] }
        #expect(
            graph.outputs.map { shapes[$0.node] } == [
                [1, 1, 28, 28], [1, 1, 14, 14], [1, 1, 7, 7],
            ])
    }

    @Test("The luma that the first critic sees is the picture's")
    func luma() throws {
        // Packets of a picture, normalised as the generator's are, give the picture back.
        let statistics = PacketNormalisation.standard.input
        var random = RandomSource(seed: 3)
        let picture: Tensor<Double> = .uniform([1, 1, 8, 8], in: 0..<255, using: &random)
        let graph = Graph.build { builder in
            let packets = builder.input("picture").haarPackets
            func constant(_ values: [Float]) -> Value {
                builder.apply(
                    Constant(Tensor(values[..<4].map(Double.init), shape: [1, 4, 1, 1])), to: [])
            }
            let normalised =
                (packets - constant(statistics.means)) / constant(statistics.deviations)
            builder.output(PacketDiscriminators.luma(of: normalised), "luma")
        }
        let luma = try graph.evaluate(["picture": picture])["luma"]!
        // LL is twice the mean: 220 stands for 110, and its deviation for half of it.
        for (found, sample) in zip(luma.elements, picture.elements) {
            #expect(abs(found - (sample - 110) / 55) < 1e-6)
        }
    }
}

@Suite("Spectral norm")
struct SpectralConvolutionTests {
    @Test("Power iteration finds the largest singular value, and the graph divides by it")
    func norm() throws {
        let layer = SpectralConvolution("c", 2, 3, kernel: 1)
        var random = RandomSource(seed: 5)
        var parameters = Parameters(initialising: layer, using: &random)
        // Rows 3 (1, 0), 2 (0, 1) and 0: singular values 3 and 2.
        parameters[parameters.position(of: "c.weight")!] = Tensor(
            [3, 0, 0, 2, 0, 0], shape: [3, 2, 1, 1])
        parameters[parameters.position(of: "c.bias")!] = Tensor(shape: [3])
        var directions: [String: Tensor<Float>] = [:]
        for _ in 0..<60 {
            let next = parameters.singularDirections(of: [layer])
            directions = next.directions
            for (path, vector) in next.vectors {
                parameters[parameters.position(of: path)!] = vector
            }
        }
        let graph = Graph.build { $0.output(layer($0.input("x")), "y") }
        var values = parameters.values
        values.merge(directions) { $1 }
        values["x"] = Tensor([1, 10], shape: [1, 2, 1, 1])
        let y = try graph.evaluate(values)["y"]!.elements
        #expect(abs(y[0] - 1) < 1e-4 && abs(y[1] - 20.0 / 3) < 1e-3 && y[2] == 0)
    }
}

@Suite("Perceptual training", .serialized)
struct PerceptualTrainingTests {
    private let folder = TemporaryFolder()

    private func tiles() throws -> [String] {
        let path = "\(folder.path)/tiles.safetensors"
        var random = RandomSource(seed: 4)
        try Safetensors.write(
            [
                ("tiles", .normal([3, 22, 48, 48], using: &random)),
                ("weights", .uniform([3], in: 0.5..<1, using: &random)),
            ], brain: ["tiles"], to: path)
        return [path]
    }

    private func training(steps: Int) -> PerceptualTraining {
        let generator = Generator(GeneratorShape(width: 16, blocks: 1))
        var random = RandomSource(seed: 9)
        let model = EnhancementModel(
            name: "small", generator: generator,
            parameters: Parameters(initialising: generator, using: &random))
        var settings = TrainingSettings(steps: steps)
        (settings.batch, settings.patchSize, settings.warmUp) = (1, 32, 1)
        (settings.precision, settings.threads) = (.f32, 1)
        var training = PerceptualTraining(from: model, settings)
        (training.discriminatorWidth, training.discriminatorSteps) = (4, 3)
        return training
    }

    @Test("A run that stops and resumes ends with the bits of one that does not")
    func resume() throws {
        let tiles = try tiles()
        let whole = try training(steps: 8).run(on: tiles)
        #expect(whole.isComplete)
        var parted = training(steps: 8)
        parted.settings.checkpointPath = "\(folder.path)/checkpoint"
        var asked = 0
        let first = try parted.run(
            on: tiles,
            shouldStop: {
                asked += 1
                return asked > 5
            })
        #expect(!first.isComplete)
        let second = try parted.run(on: tiles)
        #expect(second.isComplete)
        #expect(second.model.parameters.isIdentical(to: whole.model.parameters))
        #expect(whole.model.metadata["percept.phase"] == "perceptual")
    }

    @Test("While the discriminators warm up the generator stays as it is")
    func warmUp() throws {
        let training = training(steps: 3)
        let result = try training.run(on: try tiles())
        #expect(result.model.parameters.isIdentical(to: training.start.parameters))
        var longer = training
        longer.settings.steps = 6
        let moved = try longer.run(on: try tiles()).model.parameters
        #expect(!moved.isIdentical(to: training.start.parameters))
        // Luma's four outputs are learned, chroma's two stay.
        let (before, after) = (
            training.start.parameters["generator.exit.bias"]!.elements,
            moved["generator.exit.bias"]!.elements
        )
        #expect(zip(before, after).prefix(4).allSatisfy { $0 != $1 })
        #expect(before[4...] == after[4...])
    }

    @Test("Discriminators that learn alone come to tell restored from pristine")
    func discriminators() throws {
        var training = training(steps: 60)
        training.settings.peakRate = 0.002
        training.discriminatorSteps = 60
        var losses: [Double] = []
        var first: Double?
        _ = try training.run(
            on: try tiles(),
            progress: { _, parts in losses.append(parts["discriminator"]!) },
            shouldStop: { false })
        training.settings.steps = 1
        _ = try training.run(on: try tiles(), progress: { first = $1["discriminator"] })
        #expect(try #require(losses.last) < 0.8 * (try #require(first)))
    }

    @Test("Harm counts blocks that became worse, in parts of their error, and no others")
    func harm() throws {
        // Two blocks of 32x32 samples side by side; an error of the LL of the left one alone.
        let deviation = Double(PacketNormalisation.standard.input.deviations[0])
        func packets(_ left: Double) -> Tensor<Double> {
            Tensor(
                (0..<6 * 16 * 32).map { $0 < 16 * 32 && $0 % 32 < 16 ? left / deviation : 0 },
                shape: [1, 6, 16, 32])
        }
        let graph = Graph.build { builder in
            builder.output(
                PerceptualStep.harm(
                    builder.input("restored"), builder.input("compressed"),
                    builder.input("pristine")), "harm")
        }
        func harm(from before: Double, to after: Double) throws -> Double {
            try graph.evaluate([
                "restored": packets(after), "compressed": packets(before), "pristine": packets(0),
            ])["harm"]!.item
        }
        // Code values of LL; a squared error of 9 became 36, and the other of two blocks stayed.
        #expect(abs(try harm(from: 3, to: 6) - (37.0 / 10 - 1) / 2) < 1e-9)
        #expect(try harm(from: 6, to: 3) == 0)
        #expect(try harm(from: 6, to: -6) == 0)
        // From nothing to next to nothing is next to nothing.
        #expect(try harm(from: 0, to: 0.1) < 0.006)
    }

    @Test("No step of the compiled graph runs by its reference")
    func compiled() throws {
        let networks = AdversarialNetworks(
            Generator(GeneratorShape(width: 16, blocks: 1)), PacketDiscriminators(width: 4))
        var random = RandomSource(seed: 1)
        let parameters = Parameters(initialising: networks, using: &random)
        let features = Parameters(initialising: CSPDarknet(), using: &random)
        let step = try PerceptualStep(
            networks, parameters: parameters, features: features, batch: 1, patchSize: 32,
            precision: .f32, threads: 1)
        #expect(step.listing.allSatisfy { !$0.hasSuffix("reference") })
    }
}
