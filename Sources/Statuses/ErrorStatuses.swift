// Errors of modules that know no terminal carry or get an exit status; here the terminal learns of it.
import Compute
import Learning
import Media
import Networks
import Terminal

extension MediaError: ExitCodeProviding {}
extension OutputError: ExitCodeProviding {}

extension ModelNotFound: ExitCodeProviding {
    /// 69: a needed part is missing.
    public var exitCode: Int32 { ExitCode.unavailable.rawValue }
}
extension SafetensorsError: ExitCodeProviding {
    /// 66 where the file cannot be opened, else 65.
    public var exitCode: Int32 {
        if case .unreadable = problem { return ExitCode.noInput.rawValue }
        return ExitCode.badData.rawValue
    }
}
extension PyTorchError: ExitCodeProviding {
    /// 65.
    public var exitCode: Int32 { ExitCode.badData.rawValue }
}
extension TrainingError: ExitCodeProviding {
    /// 65.
    public var exitCode: Int32 { ExitCode.badData.rawValue }
}
extension LearningRuleError: ExitCodeProviding {
    /// 64 where the rule cannot train the network, 65 where inference diverged.
    public var exitCode: Int32 {
        if case .unsuited = self { return ExitCode.usage.rawValue }
        return ExitCode.badData.rawValue
    }
}
extension PlanError: ExitCodeProviding {
    /// 69: this machine's library cannot do it.
    public var exitCode: Int32 { ExitCode.unavailable.rawValue }
}
extension FileWriteError: ExitCodeProviding {
    /// 73 or 74.
    public var exitCode: Int32 {
        (isCreation ? ExitCode.cannotCreate : ExitCode.inputOutput).rawValue
    }
}
