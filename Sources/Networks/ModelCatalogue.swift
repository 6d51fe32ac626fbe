// Where weights are looked for, and which there are.
import Glibc

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

    /// All weights files in the folders: name and path, each name once.
    public var files: [(name: String, path: String)] {
        var seen: Set<String> = []
        return folders.flatMap { folder in
            names(in: folder).map { (name: $0, path: "\(folder)/\($0).safetensors") }
        }.filter { seen.insert($0.name).inserted }
    }

    /// The path of a model given by name or as a file.
    ///
    /// - Parameter advice: What to do where there is none.
    /// - Throws: ``ModelNotFound``.
    public func path(
        of model: String, advice: String = "'mwgan models' lists those there are"
    ) throws(ModelNotFound) -> String {
        if model.hasSuffix(".safetensors") || model.contains("/") {
            guard access(model, R_OK) == 0 else { throw ModelNotFound(model: model, folders: []) }
            return model
        }
        guard let found = files.first(where: { $0.name == model }) else {
            throw ModelNotFound(model: model, folders: folders, advice: advice)
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
        return names.sorted()
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
    /// What to do.
    public let advice: String

    /// A model that is in none of `folders`.
    public init(model: String, folders: [String], advice: String = "") {
        (self.model, self.folders, self.advice) = (model, folders, advice)
    }

    /// One line.
    public var description: String {
        guard !folders.isEmpty else { return "\(model): no such weights file" }
        let places = folders.prefix(3).joined(separator: ", ")
        return "no model '\(model)' (\(model).safetensors) in \(places)"
            + (advice.isEmpty ? "" : "; \(advice)")
    }
}
