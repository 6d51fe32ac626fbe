import Compute
import Enhancement
import Graphs
import Media
import Networks
import TestSupport
import Tensors
import Testing

/// A random model with ranges measured on random packets.
private func calibratedModel(_ shape: GeneratorShape = .live) throws -> EnhancementModel {
    var model = randomModel(shape)
    var random = RandomSource(seed: 2)
    let packets = Tensor<Float>.normal([1, shape.inputs, 40, 40], using: &random)
    let meter = try CalibrationMeter(
        model.generator.graph, parameters: model.parameters.values,
        inputs: ["packets": packets.shape], threads: 2)
    try meter.observe(["packets": packets])
    model.calibration = ModelCalibration(ranges: meter.calibration, loss: 0.0125)
    return model
}

@Suite("Calibration of models")
struct ModelCalibrationTests {
    @Test("A file keeps ranges, loss and weights", arguments: FrameEnhancerTests.shapes)
    func file(shape: String) throws {
        let folder = TemporaryFolder()
        let model = try calibratedModel(try #require(GeneratorShape(shape)))
        let path = folder.path + "/model.safetensors"
        try model.write(to: path)
        var read = try EnhancementModel(contentsOf: path)
        #expect(read.calibration == model.calibration)
        #expect(read.parameters.isIdentical(to: model.parameters))
        // Without ranges no trace of them is left.
        read.calibration = nil
        try read.write(to: path)
        #expect(try EnhancementModel(contentsOf: path).calibration == nil)
        #expect(try Safetensors(contentsOf: path).metadata["percept.calibration.loss"] == nil)
    }

    @Test("Weights that change make a calibration void")
    func void() throws {
        var model = try calibratedModel()
        model.parameters = randomModel(seed: 2).parameters
        #expect(model.calibration == nil)
    }

    @Test("A calibration that is not complete, or no range, is refused in one line")
    func badFiles() throws {
        let folder = TemporaryFolder()
        let model = try calibratedModel(GeneratorShape(width: 16, blocks: 1))
        let path = folder.path + "/model.safetensors"
        try model.write(to: path)
        let file = try Safetensors(contentsOf: path)
        let good = try file.entries.map { (name: $0.name, tensor: try file.tensor($0.name)) }
        let name = "calibration.generator.trunk.0.conv2"
        func refusal(
            loss: String? = nil, _ change: (Tensor<Float>) -> (name: String, tensor: Tensor<Float>)?
        ) throws -> String {
            var metadata = file.metadata
            if let loss { metadata["percept.calibration.loss"] = loss }
            try Safetensors.write(
                good.compactMap { $0.name == name ? change($0.tensor) : $0 }, metadata: metadata,
                to: path)
            do {
                _ = try EnhancementModel(contentsOf: path)
                return "accepted"
            } catch { return "\(error)" }
        }
        let kept: (Tensor<Float>) -> (name: String, tensor: Tensor<Float>)? = { (name, $0) }
        #expect(try refusal(kept) == "accepted")
        let bad = [
            try refusal { _ in nil },
            try refusal { _ in (name, Tensor(repeating: 0, shape: [2, 8])) },
            try refusal { (name, $0.map { $0 + 1 }) },
            try refusal { (name, $0.map { _ in .nan }) },
            try refusal { (name, $0.map { $0 * .infinity }) },
            try refusal { ("calibration.generator.entry", $0) },
            try refusal(loss: "much", kept), try refusal(loss: "nan", kept),
        ]
        for line in bad {
            #expect(line.hasPrefix(path + ": "), "\(line)")
            #expect(!line.contains("\n"))
        }
    }

    @Test("int8 without a calibration is refused, and says what to do")
    func missing() {
        #expect {
            try FrameEnhancer(
                randomModel(), width: 64, height: 64, options: EnhancementOptions(precision: .int8))
        } throws: {
            $0 is ModelError && "\($0)".contains("mwgan models calibrate")
        }
    }

    @Test("int8 is chosen unasked where it loses next to nothing and the processor is made for it")
    func automatic() throws {
        var model = try calibratedModel()
        let ranges = try #require(model.calibration).ranges
        let isFast = Processor.hasVNNI && !Processor.multipliesTiles
        #expect(model.automaticPrecision() == (isFast ? .int8 : .automatic))
        for loss in [nil, 0.031] {
            model.calibration = ModelCalibration(ranges: ranges, loss: loss)
            #expect(model.automaticPrecision() == .automatic)
        }
        #expect(randomModel().automaticPrecision() == .automatic)
    }

    @Test(
        "Where a balance uses two sets of weights int8 wants both calibrated, and has none between")
    func balance() throws {
        var model = try calibratedModel()
        model.perceptual = WeightSet(randomModel(seed: 2).parameters)
        #expect(model.calibrations(at: .fixed(0))?.count == 1)
        #expect(model.calibrations(at: .automatic) == nil)
        #expect(model.calibrations(at: .fixed(1)) == nil)
        model.perceptual = WeightSet(model.parameters, calibration: model.calibration)
        #expect(model.calibrations(at: .automatic)?.count == 2)
        #expect(model.calibrations(at: .fixed(1))?.count == 1)
        #expect(throws: ModelError.self) { try model.require(.int8, at: .fixed(0.5)) }
        guard Processor.hasVNNI else { return }
        // Equal weights on both sides: blended is what either is.
        var frames = (0..<3).map { texturedFrame($0, width: 150, height: 122) }
        for index in frames.indices {
            frames[index].quantisers = QuantiserMap(
                blockSize: 16, columns: 10, rows: 8, values: [Float](repeating: 30, count: 80),
                lumaSteps: [Float](repeating: 80, count: 80))
        }
        var options = EnhancementOptions(precision: .int8)
        let blended = try enhanced(frames, model, options).map(samples)
        options.balance = .fixed(0)
        #expect(try enhanced(frames, model, options).map(samples) == blended)
    }

    @Test("A processor without 8-bit dot products is told so", .enabled(if: !Processor.hasVNNI))
    func unavailable() throws {
        let model = try calibratedModel()
        #expect(throws: PrecisionUnavailable.self) { try model.require(.int8) }
    }

    @Test(
        "In int8 tiles change no bit", .enabled(if: Processor.hasVNNI),
        arguments: FrameEnhancerTests.shapes)
    func tiles(shape: String) throws {
        let frames = (0..<3).map { texturedFrame($0, width: 150, height: 122) }
        let model = try calibratedModel(try #require(GeneratorShape(shape)))
        var options = EnhancementOptions(precision: .int8)
        let whole = try enhanced(frames, model, options).map(samples)
        #expect(whole != frames.map(samples))
        for side in [16, 34, 64, 140] {
            options.tile = side
            #expect(try enhanced(frames, model, options).map(samples) == whole, "tiles of \(side)")
        }
    }

    @Test("Calibrating looks at every convolution that int8 computes")
    func calibrator() throws {
        let model = randomModel(GeneratorShape(width: 16, blocks: 2))
        let calibrator = ModelCalibrator(model, threads: 2)
        #expect(calibrator.calibration == nil)
        try calibrator.observe(ShippedModelTests.root + "/samples/canal.mp4")
        let ranges = try #require(calibrator.calibration).ranges
        #expect(
            ranges.keys.sorted()
                == (0..<2).flatMap { block in
                    [1, 2].map { "generator.trunk.\(block).conv\($0).weight" }
                })
        #expect(ranges.values.allSatisfy { zip($0.low, $0.high).contains { $0 < $1 } })
        // After a rectifier nothing is below 0.
        #expect(ranges["generator.trunk.1.conv2.weight"]?.low == [Float](repeating: 0, count: 16))
    }
}
