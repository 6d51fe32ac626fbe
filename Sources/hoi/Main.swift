// hoi: says what people in pictures do.
import FileNames
import Glibc
import Media
import Terminal

@main
enum Main {
    static func main() {
        Signals.install()
        OutputFile.watchUnfinished { path, exists in
            if exists { Signals.removeIfKilled(path) } else { Signals.keep(path) }
        }
        exit(HOI.program.run(commandLineWords()).rawValue)
    }
}
