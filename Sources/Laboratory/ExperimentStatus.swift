// With which status a program ends where an experiment cannot be run.
import Terminal

extension ExperimentError: ExitCodeProviding {
    /// 65: there is nothing to measure with.
    public var exitCode: Int32 { ExitCode.badData.rawValue }
}
