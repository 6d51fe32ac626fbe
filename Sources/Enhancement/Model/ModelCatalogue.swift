// Where weights are looked for, and which there are.
import Glibc
import Networks

/// Finds models by name or path.
public struct ModelCatalogue: Sendable {
    /// Folders that are searched, in order.
    public let folders: [String]

    /// Searches `$PERCEPT_MODELS`, then `models` beside the program and above it, then
    /// `../share/percept/models`.
    ///
    /// - Parameter program: Path of the running program, symbolic links resolved.
    public init(environment: String?, program: String?) {
        var folders: [String] = []
        if let environment, !environment.isEmpty { folders.append(environment) }
        if let program {
            let folder = parent(of: program)
            folders += [folder + "/models", parent(of: folder) + "/share/percept/models"]
            // A build folder lies somewhere below the project that it was built from.
            var above = folder
            for _ in 0..<4 {
                above = parent(of: above)
                folders.append(above + "/models")
            }
        }
        self.folders = folders
    }

    /// The catalogue of this process.
    public static var current: ModelCatalogue {
        ModelCatalogue(
            environment: getenv("PERCEPT_MODELS").map { String(cString: $0) },
            program: realpath("/proc/self/exe", nil).map { pointer in
                defer { free(pointer) }
                return String(cString: pointer)
            })
    }

    /// What the name of a file of perceptual weights ends with, beside those for fidelity.
    public static let perceptualEnding = ".perceptual"

    /// The perceptual weights that lie beside a weights file: `live.perceptual.safetensors` beside
    /// `live.safetensors`; nil where there are none.
    public static func perceptualPath(beside path: String) -> String? {
        guard path.hasSuffix(".safetensors") else { return nil }
        let other = "\(path.dropLast(12))\(perceptualEnding).safetensors"
        return access(other, R_OK) == 0 ? other : nil
    }

    /// All weights files in the folders: name and path, each name once.
    public var models: [(name: String, path: String)] {
        var seen: Set<String> = []
        return folders.flatMap { folder in
            names(in: folder).map { (name: $0, path: "\(folder)/\($0).safetensors") }
        }.filter { seen.insert($0.name).inserted }
    }

    /// The path of a model given by name or as a file.
    ///
    /// - Throws: `ModelNotFound`.
    public func path(of model: String) throws -> String {
        if model.hasSuffix(".safetensors") || model.contains("/") {
            guard access(model, R_OK) == 0 else { throw ModelNotFound(model: model, folders: []) }
            return model
        }
        guard let found = models.first(where: { $0.name == model }) else {
            throw ModelNotFound(model: model, folders: folders)
        }
        return found.path
    }

    private func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".safetensors") { names.append(String(name.dropLast(12))) }
        }
        // Perceptual weights belong to the model that they lie beside.
        let known = Set(names)
        return names.filter { name in
            let ending = ModelCatalogue.perceptualEnding
            return !name.hasSuffix(ending) || !known.contains(String(name.dropLast(ending.count)))
        }.sorted()
    }
}

private func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
}

/// A model that is nowhere.
public struct ModelNotFound: Error, CustomStringConvertible, Equatable {
    /// The name or file, and where it was looked for.
    public let model: String, folders: [String]

    /// A model that is in none of `folders`.
    public init(model: String, folders: [String]) {
        self.model = model
        self.folders = folders
    }

    /// One line.
    public var description: String {
        folders.isEmpty
            ? "\(model): no such weights file"
            : "no model '\(model)' in \(folders.prefix(3).joined(separator: ", ")); "
                + "'mwgan models' lists those there are"
    }
}
