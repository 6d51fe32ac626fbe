// A trained generator as a file holds it: weights, normalisation, and what they are.
import Networks
import Tensors
import Wavelets

/// A weights file that is no enhancement model.
public struct ModelError: Error, CustomStringConvertible, Equatable {
    /// The file and what is wrong with it.
    public let file: String, problem: String

    /// `model.safetensors: no metadata 'percept.width'; train it with mwgan train`.
    public var description: String { "\(file): \(problem)" }
}

/// A generator with its weights and the statistics that its packets are normalised by.
public struct EnhancementModel: Sendable {
    /// What users call it: "live".
    public let name: String
    /// The network.
    public let generator: Generator
    /// Weights by path.
    public var parameters: Parameters
    /// How input and output packets are scaled.
    public let normalisation: PacketNormalisation
    /// What the file says about itself.
    public let metadata: [String: String]

    /// A model of the given parts.
    public init(
        name: String, generator: Generator, parameters: Parameters,
        normalisation: PacketNormalisation = .standard, metadata: [String: String] = [:]
    ) {
        self.name = name
        self.generator = generator
        self.parameters = parameters
        self.normalisation = normalisation
        self.metadata = metadata
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
        let shape = GeneratorShape(
            width: try number("percept.width"), blocks: try number("percept.blocks"))
        guard shape.width % 16 == 0 else {
            throw ModelError(
                file: path, problem: "percept.width \(shape.width) is not a multiple of 16")
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
        parameters = try Parameters(reading: file, for: generator)
    }

    /// Writes the model, all or nothing.
    public func write(to path: String) throws {
        var metadata = metadata
        metadata["percept.name"] = name
        metadata["percept.width"] = "\(generator.shape.width)"
        metadata["percept.blocks"] = "\(generator.shape.blocks)"
        metadata["percept.normalisation"] = normalisation.version
        try parameters.write(to: path, metadata: metadata)
    }
}

/// Fixed means and deviations of packets, in 8-bit code values.
public struct PacketNormalisation: Sendable {
    /// Says which numbers a model was trained with.
    public let version: String
    /// Statistics of the network's 16 input channels.
    public let input: ChannelStatistics
    /// Scale of its 6 output channels, padded to 16.
    public let output: ChannelStatistics

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
