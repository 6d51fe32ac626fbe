// Options by which a command chooses a model for restoration, and the model that they mean.
import Compute
import Enhancement
import Media
import Networks
import Terminal

/// The arithmetic of a network.
public enum PrecisionChoice: String, Sendable, CaseIterable { case auto, f32, bf16, int8 }

extension CommonOptions {
    /// What --model and its like complete: the models that come with Percept, or a file.
    public static let modelNames = Completion.wordsOrFile(GeneratorShape.named.keys.sorted())

    public static let model = Option.string(
        "model", placeholder: "NAME|FILE",
        help: "Weights to use: a name that 'mwgan models' lists, or a .safetensors file.",
        group: "Model", completion: modelNames)

    public static let balance = Option<Balance>(
        "balance", placeholder: "auto|X", fallback: .automatic, defaultText: "auto",
        expectation: "auto or a number from 0 to 1",
        help: "0 aims at fidelity (PSNR), 1 at what people see; auto decides from place to place: "
            + "fidelity on text, skin and clean areas.",
        group: "Model", completion: .words(["auto"])
    ) { text, _ in Balance(text) }

    public static let memory = Option.choice(
        "memory", default: MemoryUse.auto,
        help:
            "auto recalls detail from key frames elsewhere in the clip where what they show comes back; "
            + "off looks at a frame's neighbours alone.",
        group: "Model")

    public static let strength = Option.real(
        "strength", in: 0...1, default: 1,
        help: "How much of the correction is applied; 0 passes the decoder's samples on.",
        group: "Model")

    public static let precision = Option.choice(
        "precision", default: PrecisionChoice.auto,
        help: "Arithmetic of the network; auto is int8 where the processor is made for it and the "
            + "model loses next to nothing, else bf16 where the processor has it.",
        group: "Model")

    public static let threads = Option.integer(
        "threads", in: 1...1024, help: "Threads to compute with; as many as there are cores.",
        group: "Model")

    /// The arithmetic that the options ask for.
    ///
    /// - Throws: `ModelError` or `PrecisionUnavailable` where the model cannot be computed so.
    public static func precision(_ arguments: Arguments, for loaded: LoadedModel?) throws
        -> Precision
    {
        let choice: Precision =
            switch arguments[precision] {
            case .auto: loaded?.model.automaticPrecision(at: arguments[balance]) ?? .automatic
            case .f32: .f32
            case .bf16: .bf16
            case .int8: .int8
            }
        try loaded?.model.require(choice, at: arguments[balance], file: loaded?.path)
        return choice
    }

    /// The number of threads that the options ask for.
    public static func threads(_ arguments: Arguments) -> Int {
        arguments[threads] ?? Machine.coreCount
    }

    /// The model that the options ask for, with the file it comes from.
    ///
    /// - Throws: ``NoPerceptualWeights`` where a balance is asked for that it has no weights for.
    public static func model(_ arguments: Arguments) throws -> LoadedModel {
        let loaded = try LoadedModel(arguments[model] ?? "live")
        if case .fixed(let share) = arguments[balance], share > 0, !loaded.model.isBalanced {
            throw NoPerceptualWeights(balance: arguments[balance], path: loaded.path)
        }
        return loaded
    }
}

/// Whether key frames of a clip are recalled.
public enum MemoryUse: String, CaseIterable, Sendable {
    /// Where what they show comes back.
    case auto
    /// Never.
    case off
}

/// A balance for which a model has no weights.
public struct NoPerceptualWeights: ExitCodeProviding {
    /// What was asked for, and the weights that have none beside them.
    public let balance: Balance, path: String

    /// 69: a needed part is missing.
    public var exitCode: Int32 { ExitCode.unavailable.rawValue }
    /// One line.
    public var description: String {
        "--balance \(balance): \(path) has no perceptual weights beside it; "
            + "'mwgan train --phase perceptual' makes some"
    }
}

/// A model and the file it was read from.
public struct LoadedModel: Sendable {
    /// The model, and its file.
    public let model: any RestorationModel, path: String

    /// The model of this name or file.
    public init(_ name: String) throws {
        path = try ModelCatalogue.current.path(of: name)
        model = try restorationModel(contentsOf: path)
    }

    /// The model as one that can be trained.
    ///
    /// - Throws: `ModelError` for the published network.
    public func trainable() throws -> EnhancementModel {
        guard let model = model as? EnhancementModel else {
            throw ModelError(
                file: path,
                problem: "is the published network, which is kept as it is and not trained here")
        }
        return model
    }

    /// What reports say of it.
    public func json() throws -> JSONValue {
        .object([
            ("name", .string(model.name)), ("path", .string(path)),
            ("sha256", .string(try SHA256(ofFile: path).hexadecimal)),
            ("perceptual", try perceptualJSON()),
        ])
    }

    /// The file of its perceptual weights; null where there are none.
    public func perceptualJSON() throws -> JSONValue {
        guard let other = ModelCatalogue.perceptualPath(beside: path) else { return .null }
        return .object([
            ("path", .string(other)), ("sha256", .string(try SHA256(ofFile: other).hexadecimal)),
        ])
    }
}
