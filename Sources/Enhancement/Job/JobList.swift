// Which files a command line means, and what each of their outputs is called.
import Media

/// One input and where its result goes.
public struct JobItem: Sendable, Equatable {
    /// The file that is read, and the one that is written.
    public let input: String, output: String
}

/// The inputs of one command in order.
public struct JobList: Sendable, Equatable {
    /// Inputs with their outputs.
    public let items: [JobItem]

    /// Expands folders (not their subfolders) and names the outputs.
    ///
    /// - Parameters:
    ///   - output: what `-o` said: a file, or a folder (ending in `/`, or existing), which is made if
    ///     need be.
    ///   - word: what stands between name and extension of outputs without a name.
    /// - Throws: ``MediaError`` with status 64 (several inputs for one file, two inputs for one
    ///   name), 65 (a folder without videos), 66 or 73.
    public init(_ inputs: [String], output: String?, word: String = "enhanced") throws {
        var paths: [String] = []
        var isMany = inputs.count > 1
        for input in inputs {
            if Folder.exists(input) {
                isMany = true
                paths += try JobList.media(in: input)
            } else {
                paths.append(input)
            }
        }
        let folder = output.flatMap { $0.hasSuffix("/") || Folder.exists($0) ? $0 : nil }
        guard isMany, folder == nil else {
            if let folder { try Folder.make(folder) }
            items = paths.map { input in
                JobItem(input: input, output: JobList.output(for: input, output, folder, word))
            }
            var seen: [String: String] = [:]
            for item in items {
                if let other = seen.updateValue(item.input, forKey: item.output) {
                    throw MediaError.usage(
                        "\(other) and \(item.input) would both become \(item.output); "
                            + "enhance them one by one")
                }
            }
            return
        }
        throw MediaError.usage("several inputs want a folder: -o DIR/")
    }

    private static func output(
        for input: String, _ output: String?, _ folder: String?, _ word: String
    ) -> String {
        if let output, folder == nil { return output }
        if input == "-" { return folder == nil ? "-" : "\(folder!)/stdin.enhanced.mkv" }
        let name = defaultOutput(for: input, in: folder, isStill: MediaName.isPicture(input))
        guard word != "enhanced", let dot = name.lastIndex(of: ".") else { return name }
        return name[..<dot].dropLast("enhanced".count) + word + name[dot...]
    }

    /// Videos and pictures of a folder by name; results of earlier runs are left out.
    private static func media(in folder: String) throws -> [String] {
        let names = try Folder.names(in: folder).filter { name in
            let isResult = name.split(separator: ".").dropLast().last == "enhanced"
            return !isResult && (MediaName.isVideo(name) || MediaName.isPicture(name))
        }
        guard !names.isEmpty else {
            throw MediaError.notVideo(path: folder, reason: "a folder without videos or pictures")
        }
        return names.map { folder.hasSuffix("/") ? folder + $0 : "\(folder)/\($0)" }
    }
}
