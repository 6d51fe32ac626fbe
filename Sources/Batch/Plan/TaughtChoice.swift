// What was taught, as a batch depends on it.
import FileNames
import Media
import Networks
import Teaching
import Terminal

/// What was taught, by what it says and not by where it lies.
public struct TaughtChoice: Sendable {
    /// The folder of the memory when the batch was planned, and the digest of what it told then.
    var folder: String, digest: String
    /// How looks of people are compared.
    var looks: WeightsFile

    /// What a memory tells now.
    ///
    /// - Throws: `MemoryStoreError` where patterns are damaged.
    public init(_ memory: TaughtMemory, looks: WeightsFile) throws {
        folder = absolutePath(memory.folder)
        digest = try memory.digest()
        self.looks = looks
    }

    /// A memory that tells the same, where the plan's lay or where this user's lies, and how looks are compared.
    ///
    /// - Throws: ``TaughtMissing``, ``WeightsMissing``, `SafetensorsError`.
    func located() throws -> (memory: TaughtMemory, space: LookSpace) {
        for place in [folder, TaughtMemory.usualFolder()].compactMap({ $0 }) {
            guard let memory = try? TaughtMemory(contentsOf: place),
                (try? memory.digest()) == digest
            else { continue }
            return (memory, try LookSpace(contentsOf: looks.located()))
        }
        throw TaughtMissing(folder: folder)
    }

    var json: JSONValue {
        .object([
            ("folder", .string(folder)), ("digest", .string(digest)), ("looks", looks.json),
        ])
    }

    init?(_ json: JSONValue) {
        guard let folder = json["folder"]?.text, let digest = json["digest"]?.text,
            let looks = json["looks"].flatMap(WeightsFile.init)
        else { return nil }
        (self.folder, self.digest, self.looks) = (folder, digest, looks)
    }
}

/// What a plan was to tell is not taught on this machine, or no longer.
public struct TaughtMissing: ExitCodeProviding, Equatable {
    /// Where it was taught.
    public let folder: String

    /// 75: another machine may have it.
    public var exitCode: Int32 { ExitCode.tryLater.rawValue }
    /// One line.
    public var description: String {
        "\(printable(folder)): what is taught there is not what the batch was planned with; plan it anew"
    }
}
