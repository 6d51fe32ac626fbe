// percept-lab: measures what papers claim, on our own networks.
import FileNames
import Glibc
import Statuses
import Terminal

@main
enum Main {
    static func main() {
        // A reader that goes away does not keep results from being written. Other signals end the
        // program at once: an experiment may take hours, and no file is open while it measures.
        signal(SIGPIPE, SIG_IGN)
        exit(PerceptLab.program.run(commandLineWords()).rawValue)
    }
}
