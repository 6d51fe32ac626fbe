// hoi: says what people in pictures do.
import FileNames
import Glibc
import Terminal

@main
enum Main {
    static func main() {
        Signals.install()
        exit(HOI.program.run(commandLineWords()).rawValue)
    }
}
