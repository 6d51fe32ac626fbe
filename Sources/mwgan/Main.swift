// mwgan: restores video that compression has damaged.
import Enhancement
import FileNames
import Glibc
import Media
import Terminal

@main
enum Main {
    static func main() {
        Machine.returnFreedMemory()
        Signals.install()
        OutputFile.watchUnfinished { path, exists in
            if exists { Signals.removeIfKilled(path) } else { Signals.keep(path) }
        }
        exit(MWGAN.program.run(commandLineWords()).rawValue)
    }
}
