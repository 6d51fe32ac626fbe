// Errors of the modules below already carry an exit status; here the terminal learns of it.
import Media
import Terminal

extension MediaError: ExitCodeProviding {}
extension OutputError: ExitCodeProviding {}
