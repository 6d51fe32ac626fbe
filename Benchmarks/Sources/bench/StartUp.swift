// How long the program takes before it works.
import Glibc

/// Measures the program's start, alone and up to the end of a single frame.
struct StartUp {
    let program: String

    /// Prints milliseconds; the best of several runs.
    func report() throws {
        let folder = BenchmarkFolder.path
        let picture = folder + "/frame.png"
        try shell("ffmpeg -v error -y -f lavfi -i testsrc2=size=416x240 -frames:v 1 '\(picture)'")
        print("\nstart-up")
        for (name, arguments) in [
            ("--version", "--version"),
            ("a picture of 416x240", "enhance -y -q '\(picture)' -o '\(folder)/enhanced.png'"),
        ] {
            let time = try best(of: 8) { try shell("'\(program)' \(arguments) >/dev/null") }
            print("  \(name):", Int((time * 1000).rounded()), "ms")
        }
    }
}
