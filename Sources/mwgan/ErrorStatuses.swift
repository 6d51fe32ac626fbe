// Errors of the modules below carry or get an exit status; here the terminal learns of it.
import Compute
import Enhancement
import Learning
import Media
import Networks
import Quality
import Terminal

extension MediaError: ExitCodeProviding {}
extension OutputError: ExitCodeProviding {}

extension ModelError: ExitCodeProviding {
    public var exitCode: Int32 { ExitCode.badData.rawValue }
}
extension PrecisionUnavailable: ExitCodeProviding {
    public var exitCode: Int32 { ExitCode.unavailable.rawValue }
}
extension ModelNotFound: ExitCodeProviding {
    public var exitCode: Int32 { ExitCode.badData.rawValue }
}
extension SafetensorsError: ExitCodeProviding {
    public var exitCode: Int32 { ExitCode.badData.rawValue }
}
extension PyTorchError: ExitCodeProviding {
    public var exitCode: Int32 { ExitCode.badData.rawValue }
}
extension EnhancementGuardError: ExitCodeProviding {
    public var exitCode: Int32 { ExitCode.badData.rawValue }
}
extension TrainingDataError: ExitCodeProviding {
    public var exitCode: Int32 { ExitCode.badData.rawValue }
}
extension HoldOutError: ExitCodeProviding {
    public var exitCode: Int32 { ExitCode.usage.rawValue }
}
extension TrainingError: ExitCodeProviding {
    public var exitCode: Int32 { ExitCode.badData.rawValue }
}
extension ComparisonError: ExitCodeProviding {
    public var exitCode: Int32 { ExitCode.badData.rawValue }
}
extension PlanError: ExitCodeProviding {
    public var exitCode: Int32 { ExitCode.unavailable.rawValue }
}
extension FileWriteError: ExitCodeProviding {
    public var exitCode: Int32 {
        (isCreation ? ExitCode.cannotCreate : ExitCode.inputOutput).rawValue
    }
}
