// The published network with weights of its authors' or of others' training.
import Graphs
import Networks
import Tensors

/// MW-GAN's generator as published, with weights.
public struct ReferenceModel: RestorationModel {
    /// What files of it say under "percept.kind".
    public static let kind = "reference"
    public let name: String
    /// The network.
    public let generator: ReferenceGenerator
    public let parameters: Parameters
    public let metadata: [String: String]
    /// None: its blocks are not of the kind that int8 computes.
    public func calibrations(at balance: Balance) -> [ModelCalibration]? { nil }
    private let width: Int, blocks: Int

    /// Reads a weights file.
    ///
    /// - Throws: `SafetensorsError` naming the tensor that is missing or of another shape, or
    ///   ``ModelError``.
    public init(contentsOf path: String) throws {
        let file = try Safetensors(contentsOf: path)
        let shapes = Dictionary(
            uniqueKeysWithValues: file.entries.map { ($0.name, Shape($0.shape)) })
        let size = try ReferenceModel.size(of: shapes, prefix: "", in: path)
        try self.init(size, name: file.metadata["percept.name"] ?? "reference", file.metadata) {
            try Parameters(reading: file, for: $0)
        }
    }

    /// Takes the weights that `torch.save` wrote under the names of the released code.
    ///
    /// - Throws: `PyTorchError` naming what is missing, left over or of another shape; ``ModelError``
    ///   where the file holds another network.
    public init(_ file: PyTorchFile, name: String) throws {
        let shapes = file.tensors.mapValues(\.shape)
        let marker = "conv_second.weight"
        guard
            let found = shapes.keys.filter({ $0.hasSuffix(marker) }).min(by: { $0.count < $1.count }
            )
        else {
            throw ModelError(
                file: file.path,
                problem: "no tensor '\(marker)': these are not the weights of MW-GAN's generator")
        }
        let prefix = String(found.dropLast(marker.count))
        let size = try ReferenceModel.size(of: shapes, prefix: prefix, in: file.path)
        try self.init(size, name: name, [:]) { try file.parameters(for: $0) }
    }

    private typealias Size = (width: Int, growth: Int, blocks: Int)

    private init(
        _ size: Size, name: String, _ metadata: [String: String],
        reading parameters: (ReferenceGenerator) throws -> Parameters
    ) throws {
        (width, blocks) = (size.width, size.blocks)
        generator = ReferenceGenerator(
            width: size.width, growth: size.growth, blocks: size.blocks)
        self.parameters = try parameters(generator)
        self.name = name
        self.metadata = metadata
    }

    /// How large the network is, from the shapes of its tensors.
    private static func size(
        of shapes: [String: Shape], prefix: String, in path: String
    ) throws -> Size {
        func outputs(_ name: String) throws -> Int {
            guard let shape = shapes[prefix + name], shape.rank == 4, (1...1024).contains(shape[0])
            else {
                throw ModelError(
                    file: path, problem: "no convolution '\(prefix + name)': this is not MW-GAN")
            }
            return shape[0]
        }
        let blocks = (0..<64).prefix {
            shapes[prefix + "ResidualBlock.\($0).RDB1.conv1.weight"] != nil
        }.count
        let width = try outputs("conv_second.weight")
        guard width % 4 == 0 else {
            throw ModelError(file: path, problem: "\(width) channels are not four times any number")
        }
        return (width, try outputs("ResidualBlock.0.RDB1.conv1.weight"), blocks)
    }

    /// Writes the weights, all or nothing.
    public func write(to path: String) throws {
        var metadata = metadata
        metadata["percept.name"] = name
        metadata["percept.kind"] = ReferenceModel.kind
        try parameters.write(to: path, metadata: metadata)
    }

    public var graph: Graph { generator.graph }

    public func input(width: Int, height: Int) -> (name: String, shape: [Int]) {
        ("frames", [1, 9, (height + 3) / 4 * 4, (width + 3) / 4 * 4])
    }

    /// Counted over the convolutions of the graph, for a picture of 64 x 64.
    public var isBalanced: Bool { false }
    public var executedProducts: Int {
        let side = 64
        var shapes = parameters.values.mapValues(\.shape)
        shapes["frames"] = [1, 9, side, side]
        guard let all = try? graph.shapes(of: { shapes[$0] }) else { return 0 }
        var products = 0
        for (index, node) in graph.nodes.enumerated() where node.operation is Convolution {
            let weights = all[node.inputs[1]]
            products += all[index].count * weights[1] * weights[2] * weights[3]
        }
        return products / (side * side)
    }

    public func stage(
        width: Int, height: Int, options: EnhancementOptions
    ) throws -> any FrameStage {
        try ReferenceEnhancer(self, width: width, height: height, options: options)
    }
}
