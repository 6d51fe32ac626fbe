// pipeline: many videos and pictures, resumed after any crash, on one machine or many.
import Enhancement
import FileNames
import Glibc
import Media
import Statuses
import Terminal

@main
enum Main {
    static func main() {
        Machine.returnFreedMemory()
        Signals.install()
        OutputFile.watchUnfinished { path, exists in
            if exists { Signals.removeIfKilled(path) } else { Signals.keep(path) }
        }
        exit(Pipeline.program.run(commandLineWords()).rawValue)
    }
}
