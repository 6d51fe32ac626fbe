import Compute
import Enhancement
import Graphs
import Networks
import Tensors
import TestSupport
import Testing

@Suite("MW-GAN as published")
struct ReferenceGeneratorTests {
    @Test("Every part has the published number of parameters")
    func size() {
        let generator = ReferenceGenerator()
        #expect(generator.learnedCount == 5_234_343)
        #expect(generator.motion.learnedCount == 495_840)
        #expect(generator.trunk.allSatisfy { $0.learnedCount == 736_960 })
        #expect(generator.trunk.count == 6)
        let paths = generator.declarations.map(\.path)
        #expect(Set(paths).count == paths.count)
        // Names as the released weights have them.
        for path in [
            "motion_align.warp_level_3.conv5.weight", "cov_path_2.1.body.0.bias",
            "ResidualBlock.5.RDB3.conv5.weight", "ResidualBlock.0.dwt.Conv.weight",
            "conv_last_.bias",
        ] {
            #expect(paths.contains(path), "\(path)")
        }
    }

    private func plan(
        _ generator: ReferenceGenerator, _ parameters: Parameters, _ frames: Tensor<Float>
    ) throws -> Plan {
        var shapes = parameters.values.mapValues(\.shape)
        shapes["frames"] = frames.shape
        let plan = try Plan(
            generator.graph, shapes: shapes, options: PlanOptions(precision: .f32, threads: 1))
        plan.setParameters(parameters.values)
        return plan
    }

    @Test("The compiled network equals its reference")
    func compiled() throws {
        let generator = ReferenceGenerator(width: 16, growth: 16, blocks: 1)
        var random = RandomSource(seed: 8)
        let parameters = Parameters(initialising: generator, using: &random)
        let frames: Tensor<Float> = .uniform([1, 9, 16, 24], in: 0..<1, using: &random)
        let plan = try plan(generator, parameters, frames)
        let found = try plan.run(["frames": frames])
        let values = parameters.values.merging(["frames": frames]) { $1 }
        let expected = try generator.graph.evaluate(
            values.mapValues { $0.converted(to: Double.self) })
        #expect(found.count == 3)
        for (name, value) in expected {
            #expect(relativeError(found[name]!, value) <= 1e-5, "\(name)")
        }
        #expect(plan.listing.allSatisfy { !$0.hasSuffix("reference") })
    }

    @Test("Weights that PyTorch wrote compute what PyTorch computed with them")
    func twin() throws {
        let folder =
            #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Fixtures"
        // Scripts/torch-twin.py made it.
        let file = try PyTorchFile(contentsOf: folder + "/reference-8.pth")
        let generator = ReferenceGenerator(width: 8, growth: 4, blocks: 2)
        let parameters = try file.parameters(for: generator)
        let frames = try #require(file.tensors["check.frames"])
        let plan = try plan(generator, parameters, frames)
        let found = try plan.run(["frames": frames])
        for name in ["restored", "previous", "next"] {
            let expected = try #require(file.tensors["check.\(name)"])
            let error = zip(found[name]!.elements, expected.elements).map { abs($0 - $1) }.max()!
            #expect(error < 1e-5, "\(name)")
        }
        // The published size does not fit, and it is said which tensor.
        #expect { try file.parameters(for: ReferenceGenerator()) } throws: {
            "\($0)".contains("motion_align.warp_level_1.conv1.weight")
        }
    }

    @Test("The flow moves nothing by more than a pixel, as published")
    func reach() throws {
        let motion = PyramidMotion("m", width: 16)
        var random = RandomSource(seed: 2)
        var values = Parameters(initialising: motion, using: &random).values
        // The last mix hands the warped neighbour on; the last flow is as large as tanh lets it be.
        values["m.conv_last.weight"] = Tensor([1, 0, 0, 0, 1, 0, 0, 0, 1], shape: [3, 3, 1, 1])
        values["m.conv_last.bias"] = Tensor(shape: [3])
        values["m.conv_1.bias"] = Tensor([50, 0], shape: [2])
        values["m.conv_1.weight"] = Tensor(shape: [2, 6, 1, 1])
        let neighbour: Tensor<Float> = .uniform([1, 3, 8, 8], in: 0..<1, using: &random)
        values["centre"] = Tensor(repeating: 0.5, shape: [1, 3, 8, 8])
        values["neighbour"] = neighbour
        let graph = Graph.build {
            $0.output(motion($0.input("centre"), $0.input("neighbour")), "aligned")
        }
        let aligned = try graph.evaluate(values)["aligned"]!.elements, source = neighbour.elements
        for position in aligned.indices {
            let isLastColumn = position % 8 == 7
            #expect(abs(aligned[position] - (isLastColumn ? 0 : source[position + 1])) < 1e-5)
        }
    }
}
