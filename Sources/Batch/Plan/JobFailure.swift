// Why something could not be done.
import Terminal

/// Why something could not be done, and the status that says so.
public struct JobFailure: Error, Sendable, Hashable, ExitCodeProviding {
    /// One line.
    public var description: String
    /// Its status.
    public var exitCode: Int32

    /// What an error says.
    public init(_ error: any Error) {
        description = "\(error)"
        exitCode = (error as? any ExitCodeProviding)?.exitCode ?? ExitCode.someFailed.rawValue
    }

    /// A reason in words.
    init(_ description: String, exitCode: Int32) {
        (self.description, self.exitCode) = (description, exitCode)
    }

    var json: JSONValue {
        .object([("error", .string(description)), ("exitCode", .int(Int(exitCode)))])
    }

    init?(_ json: JSONValue) {
        guard let text = json["error"]?.text, let code = json["exitCode"]?.integer else {
            return nil
        }
        (description, exitCode) = (text, Int32(clamping: code))
    }
}
