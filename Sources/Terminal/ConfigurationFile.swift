// A file that gives a command what its command line would: options by their names, and operands.
import FileNames
import Glibc

/// The keys and values of a configuration file, which no command has looked at yet.
///
/// Each key is the long name of an option, or the name of an operand in lower case (`input` for
/// INPUT); values are numbers and texts as one would type them, `true` or `false` for a flag, how
/// often for a flag that counts, an array for what may be repeated, a table for pairs. Relative
/// paths stay as they are: they start at the working directory, as on the command line, and not
/// at the file's folder.
public struct ConfigurationFile: Sendable {
    /// The file, as named by whoever asked for it.
    public let path: String
    /// What it says, in its own order.
    public let members: [(key: String, value: JSONValue)]

    /// The longest file that is read, in bytes.
    static let limit = 16 << 20

    /// Reads a file: JSON if its name ends in `.json`, else TOML.
    ///
    /// - Throws: ``ConfigurationFileError``.
    public init(contentsOf path: String) throws(ConfigurationFileError) {
        try self.init(Self.read(path), path: path)
    }

    /// Reads the bytes of a file of this name.
    ///
    /// - Throws: ``ConfigurationFileError``.
    public init(_ bytes: [UInt8], path: String) throws(ConfigurationFileError) {
        func failure(_ reason: String) -> ConfigurationFileError {
            ConfigurationFileError(path: path, reason: reason, exitCode: ExitCode.badData.rawValue)
        }
        let document: JSONValue
        do {
            document =
                path.lowercased().hasSuffix(".json")
                ? try JSONValue(parsing: bytes) : try JSONValue(parsingTOML: bytes)
        } catch { throw failure("\(error)") }
        guard case .object(let members) = document else {
            throw failure("holds no object of options at its top")
        }
        self.path = path
        self.members = members.map { (key: $0.0, value: $0.1) }
    }

    private static func read(_ path: String) throws(ConfigurationFileError) -> [UInt8] {
        func failure(_ code: ExitCode, _ reason: String) -> ConfigurationFileError {
            ConfigurationFileError(path: path, reason: reason, exitCode: code.rawValue)
        }
        let descriptor = open(path.fileName, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw failure(.noInput, "cannot be opened: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while bytes.count <= limit {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return bytes }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let code = errno == EISDIR ? ExitCode.noInput : .inputOutput
                throw failure(code, "cannot be read: \(String(cString: strerror(errno)))")
            }
            bytes += buffer[..<count]
        }
        throw failure(.badData, "is longer than \(humanBytes(Int64(limit)))")
    }
}

/// A configuration file that cannot be read at all.
public struct ConfigurationFileError: ExitCodeProviding, Equatable {
    /// The file.
    public let path: String
    /// What is wrong with it.
    public let reason: String
    /// What to exit with: ``ExitCode/noInput``, ``ExitCode/badData`` or ``ExitCode/inputOutput``.
    public let exitCode: Int32
    /// One line.
    public var description: String { "configuration file \(printable(path)): \(reason)" }
}
