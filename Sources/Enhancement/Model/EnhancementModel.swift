// A trained generator as a file holds it: weights, normalisation, and what they are.
import Networks
import Tensors
import Wavelets

/// A weights file that is no enhancement model.
public struct ModelError: Error, CustomStringConvertible, Equatable {
    /// The file and what is wrong with it.
    public let file: String, problem: String

    /// An error about a file.
    public init(file: String, problem: String) {
        self.file = file
        self.problem = problem
    }

    /// `model.safetensors: no metadata 'percept.width'; train it with mwgan train`.
    public var description: String { "\(file): \(problem)" }
}

/// Weights of a generator beside its first ones, and what int8 must know of them.
public struct WeightSet: Sendable {
    /// Weights by path.
    public let parameters: Parameters
    /// What int8 must know, where that was measured.
    public let calibration: ModelCalibration?

    /// Weights, calibrated or not.
    public init(_ parameters: Parameters, calibration: ModelCalibration? = nil) {
        self.parameters = parameters
        self.calibration = calibration
    }
}

/// A generator with its weights and the statistics that its packets are normalised by.
public struct EnhancementModel: Sendable {
    /// What users call it: "live".
    public let name: String
    /// The network.
    public let generator: Generator
    /// Weights by path.
    public var parameters: Parameters {
        // Ranges are those of the weights that they were measured with.
        didSet { calibration = nil }
    }
    /// Weights of the same network for what people see, where there are any.
    public var perceptual: WeightSet?
    /// How input and output packets are scaled.
    public let normalisation: PacketNormalisation
    /// What int8 must know, where that was measured.
    public var calibration: ModelCalibration?
    /// Which frames are so good that these weights leave them alone.
    public var gate = DamageGate.standard
    /// What the file says about itself.
    public var metadata: [String: String]

    /// A model of the given parts.
    public init(
        name: String, generator: Generator, parameters: Parameters,
        normalisation: PacketNormalisation = .standard, metadata: [String: String] = [:],
        calibration: ModelCalibration? = nil
    ) {
        self.name = name
        self.generator = generator
        self.parameters = parameters
        self.normalisation = normalisation
        self.metadata = metadata
        self.calibration = calibration
    }

    /// Reads a model.
    ///
    /// - Throws: `SafetensorsError` naming the tensor that is missing or of another shape, or
    ///   `ModelError`.
    public init(contentsOf path: String) throws {
        let file = try Safetensors(contentsOf: path)
        func number(_ key: String) throws -> Int {
            guard let value = file.metadata[key].flatMap({ Int($0) }), (1...1024).contains(value)
            else {
                throw ModelError(
                    file: path,
                    problem: "no metadata '\(key)' from 1 to 1024; this is no mwgan model")
            }
            return value
        }
        func optional(_ key: String) throws -> Int? {
            file.metadata[key] == nil ? nil : try number(key)
        }
        let frames = try optional("percept.frames") ?? 3
        guard frames == 3 || frames == 5 else {
            throw ModelError(file: path, problem: "percept.frames \(frames) is neither 3 nor 5")
        }
        var shape = GeneratorShape(
            width: try number("percept.width"), blocks: try number("percept.blocks"),
            frames: frames, deepWidth: try optional("percept.deepWidth") ?? 0,
            deepBlocks: try optional("percept.deepBlocks") ?? 0)
        for (key, width) in [("width", shape.width), ("deepWidth", shape.deepWidth)]
        where width % 16 != 0 || width == 0 && shape.isDeep {
            throw ModelError(
                file: path, problem: "percept.\(key) \(width) is not a multiple of 16")
        }
        if let text = file.metadata["percept.neighbours"] {
            guard let choice = NeighbourChoice(rawValue: text) else {
                throw ModelError(
                    file: path, problem: "percept.neighbours '\(text)' is neither nearest nor best")
            }
            shape.choice = choice
        }
        if let part = file.metadata["percept.without"] {
            guard let ablation = Ablation(rawValue: part) else {
                throw ModelError(file: path, problem: "percept.without '\(part)' is no known part")
            }
            shape.ablation = ablation
        }
        if let text = file.metadata["percept.alignment"] {
            guard text == "features", shape.ablation == nil else {
                throw ModelError(
                    file: path,
                    problem: "percept.alignment '\(text)' is not features of a whole design")
            }
            shape.alignsFeatures = true
        }
        if let text = file.metadata["percept.gate"] {
            guard let gate = DamageGate(text) else {
                throw ModelError(
                    file: path, problem: "percept.gate '\(text)' is no pair of luma steps")
            }
            self.gate = gate
        }
        name = file.metadata["percept.name"] ?? "model"
        generator = Generator(shape)
        metadata = file.metadata
        normalisation = .standard
        guard file.metadata["percept.normalisation"] == normalisation.version else {
            throw ModelError(
                file: path, problem: "made for another normalisation of packets than this program's"
            )
        }
        parameters = try Parameters(
            reading: file, for: generator, ignoring: [ModelCalibration.prefix])
        calibration = try ModelCalibration(reading: file, for: generator)
    }

    /// Writes the model, all or nothing.
    public func write(to path: String) throws {
        var metadata = metadata
        metadata["percept.name"] = name
        metadata["percept.width"] = "\(generator.shape.width)"
        metadata["percept.blocks"] = "\(generator.shape.blocks)"
        metadata["percept.frames"] = "\(generator.shape.frames)"
        if generator.shape.isDeep {
            metadata["percept.deepWidth"] = "\(generator.shape.deepWidth)"
            metadata["percept.deepBlocks"] = "\(generator.shape.deepBlocks)"
        }
        metadata["percept.neighbours"] =
            generator.shape.choice == .nearest ? nil : generator.shape.choice.rawValue
        metadata["percept.alignment"] = generator.shape.alignsFeatures ? "features" : nil
        metadata["percept.without"] = generator.shape.ablation?.rawValue
        metadata["percept.gate"] = gate == .standard ? nil : gate.description
        metadata["percept.normalisation"] = normalisation.version
        metadata[ModelCalibration.lossKey] = calibration?.loss.map { "\($0)" }
        let ranges = calibration?.tensors(for: generator) ?? []
        try Safetensors.write(
            parameters.map { (name: $0.path, tensor: $0.tensor) } + ranges, metadata: metadata,
            to: path)
    }
}

/// Fixed means and deviations of packets, in 8-bit code values.
public struct PacketNormalisation: Sendable {
    /// Says which numbers a model was trained with.
    public let version: String
    /// Statistics of the 16 input channels of a network that sees three frames.
    public let input: ChannelStatistics
    /// Scale of its 6 output channels, padded to 16.
    public let output: ChannelStatistics

    /// Statistics of all input channels of a network with these surroundings.
    public func input(_ surroundings: Surroundings) -> ChannelStatistics {
        var statistics = input(frames: surroundings.frames)
        if surroundings.alignment == .features {
            statistics.means += [Float](repeating: 0, count: 16)
            // Two luma samples are one packet position.
            statistics.deviations += [Float](repeating: 2, count: 16)
        }
        return statistics
    }

    /// Statistics of the input channels beside motion of a network that sees 3 or 5 frames.
    private func input(frames: Int) -> ChannelStatistics {
        guard frames == 5 else { return input }
        // Two more neighbours' luma, four maps of damage, four channels of nothing.
        let luma = NetworkChannels.luma..<NetworkChannels.u
        func extended(_ values: [Float], _ maps: [Float]) -> [Float] {
            values + values[luma] + values[luma] + maps
        }
        return ChannelStatistics(
            means: extended(input.means, [Float](repeating: 0, count: 8)),
            deviations: extended(input.deviations, [Float](repeating: 1, count: 8)))
    }

    /// The numbers in use; measured once over the training clips, rounded, and then left alone.
    public static let standard: PacketNormalisation = {
        let luma: [(Float, Float)] = [(220, 110), (0, 16), (0, 16), (0, 8)]
        let chroma: [(Float, Float)] = [(128, 16), (128, 16)]
        let input = luma + chroma + luma + luma + [(0, 1), (0, 1)]
        let output: [Float] = [4, 4, 4, 3, 1.5, 1.5]
        return PacketNormalisation(
            version: "1",
            input: ChannelStatistics(means: input.map(\.0), deviations: input.map(\.1)),
            output: ChannelStatistics(
                means: [Float](repeating: 0, count: 16),
                deviations: output + [Float](repeating: 1, count: 10)))
    }()
}
