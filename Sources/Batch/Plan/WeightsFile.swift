// Weights that a batch wants, wherever they lie on the machine that does the work.
import Enhancement
import Media
import Networks
import Terminal

/// A weights file by what it holds.
public struct WeightsFile: Sendable, Hashable {
    /// Where it lay when the batch was planned, and its SHA-256.
    public var path: String, sha256: String

    /// The file at `path`.
    ///
    /// - Throws: `MediaError`.
    public init(path: String) throws {
        self.path = absolutePath(path)
        sha256 = try FileSeal(of: path).sha256
    }

    /// The path of a file that holds the same: where it lay, or a model of that name on this machine.
    ///
    /// - Throws: ``WeightsMissing``.
    func located() throws -> String {
        if (try? FileSeal(of: path))?.sha256 == sha256 { return path }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        if let other = try? ModelCatalogue.current.path(
            of: name.replacing(".safetensors", with: "")),
            (try? FileSeal(of: other))?.sha256 == sha256
        {
            return other
        }
        throw WeightsMissing(path: path, sha256: sha256)
    }

    /// The model that these weights are, with those for what people see that a plan was made with.
    ///
    /// - Throws: ``WeightsMissing``; what reading weights throws.
    func model(perceptual: WeightsFile?) throws -> any RestorationModel {
        let path = try located()
        // What people see is decided by the weights beside it: those must be the planned ones too.
        let other = try ModelCatalogue.perceptualPath(beside: path).map {
            try FileSeal(of: $0).sha256
        }
        guard other == perceptual?.sha256 else {
            throw WeightsMissing(
                path: perceptual?.path ?? path, sha256: perceptual?.sha256 ?? "none")
        }
        return try restorationModel(contentsOf: path)
    }

    var json: JSONValue { .object([("path", .string(path)), ("sha256", .string(sha256))]) }

    init?(_ json: JSONValue) {
        guard let path = json["path"]?.text, let sha256 = json["sha256"]?.text else { return nil }
        (self.path, self.sha256) = (path, sha256)
    }
}

/// The weights of a plan are not on this machine.
public struct WeightsMissing: ExitCodeProviding, Equatable {
    /// Where they were, and their digest.
    public let path: String, sha256: String

    /// 75: another machine may have them.
    public var exitCode: Int32 { ExitCode.tryLater.rawValue }
    /// One line.
    public var description: String {
        "\(path): the weights of the plan (sha256 \(sha256.prefix(12))...) are neither there nor among "
            + "this machine's models"
    }
}
