// mwgan: restores video that compression has damaged.
import Glibc
import Terminal

@main
enum Main {
    static func main() {
        Signals.install()
        exit(MWGAN.program.run(Array(CommandLine.arguments.dropFirst())).rawValue)
    }
}
