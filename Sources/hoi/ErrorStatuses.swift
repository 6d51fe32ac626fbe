// Errors of the modules below carry or get an exit status; here the terminal learns of it.
import Compute
import Learning
import Media
import Networks
import Terminal

extension MediaError: ExitCodeProviding {}
extension OutputError: ExitCodeProviding {}

extension ModelNotFound: ExitCodeProviding {
    public var exitCode: Int32 { ExitCode.unavailable.rawValue }
}
extension SafetensorsError: ExitCodeProviding {
    public var exitCode: Int32 {
        if case .unreadable = problem { return ExitCode.noInput.rawValue }
        return ExitCode.badData.rawValue
    }
}
extension PyTorchError: ExitCodeProviding {
    public var exitCode: Int32 { ExitCode.badData.rawValue }
}
extension TrainingError: ExitCodeProviding {
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
