// The answer of commands whose action has not been connected.
import Terminal

struct NotBuiltYet: ExitCodeProviding {
    let command: String
    var exitCode: Int32 { ExitCode.unavailable.rawValue }
    var description: String { "this build cannot \(command) yet" }
}
