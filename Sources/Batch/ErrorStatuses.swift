// Errors of enhancement, which knows no terminal, get their exit status.
import Enhancement
import Quality
import Statuses
import Terminal

extension ModelError: ExitCodeProviding {
    /// 65.
    public var exitCode: Int32 { ExitCode.badData.rawValue }
}
extension PrecisionUnavailable: ExitCodeProviding {
    /// 69: a needed part is missing.
    public var exitCode: Int32 { ExitCode.unavailable.rawValue }
}
extension EnhancementGuardError: ExitCodeProviding {
    /// 65.
    public var exitCode: Int32 { ExitCode.badData.rawValue }
}
extension TrainingDataError: ExitCodeProviding {
    /// 65.
    public var exitCode: Int32 { ExitCode.badData.rawValue }
}
extension HoldOutError: ExitCodeProviding {
    /// 64.
    public var exitCode: Int32 { ExitCode.usage.rawValue }
}
extension ComparisonError: ExitCodeProviding {
    /// 65.
    public var exitCode: Int32 { ExitCode.badData.rawValue }
}
