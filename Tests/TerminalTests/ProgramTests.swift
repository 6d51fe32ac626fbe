import Synchronization
import Terminal
import Testing

@Suite struct ProgramTests {
    /// What a run says and how it ends.
    private func run(_ words: String...) -> (code: ExitCode, output: String, errors: String) {
        let written = RecordingSink()
        var output = ""
        let code = Brew.program.run(
            words, output: { output += $0 + "\n" }, errors: written.console(isInteractive: false))
        return (code, output, written.text)
    }

    @Test("A command's own status is the program's")
    func status() {
        #expect(run("brew", "pot").code == .success)
        #expect(run("brew", "leaking").code == .someFailed)
        #expect(run("wash").code == .tryLater)
    }

    @Test("An error is one line with the command's name, and its status")
    func failure() {
        let result = run("brew", "broken")
        #expect(result.code == .inputOutput)
        #expect(result.errors == "kitchen brew: error: the pot is broken\n")
        #expect(result.output == "")
    }

    @Test("A misspelt command or option is 64 with a suggestion and nothing on standard output")
    func usage() {
        let command = run("brwe")
        #expect(command.code == .usage)
        #expect(
            command.errors.hasPrefix(
                "kitchen: error: unknown command 'brwe'; did you mean 'brew'?\n"))
        let option = run("brew", "--cpus", "1", "pot")
        #expect(option.code == .usage)
        #expect(
            option.errors.hasPrefix(
                "kitchen brew: error: unknown option --cpus; did you mean --cups?\n"))
        #expect(run("--versoin").errors.contains("did you mean --version?"))
        #expect(run().code == .usage)
        #expect(run("help", "bew").errors.contains("did you mean 'brew'?"))
        #expect(run("completions", "tcsh").code == .usage)
        #expect(command.output + option.output == "")
    }

    @Test("Version and help are asked for in any of the usual ways")
    func help() {
        #expect(run("--version").output == "kitchen 1.2.3\n")
        #expect(run("--help").output == run("help").output)
        #expect(run("-h").code == .success)
        #expect(run("brew", "--help").output == run("help", "brew").output)
        #expect(run("brew", "-h").output.contains("--strength X"))
        #expect(run("man").output.hasPrefix(".Dd March 1, 2026\n"))
    }
}

/// Keeps what a console writes.
final class RecordingSink: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    var text: String { String(decoding: bytes.withLock { $0 }, as: UTF8.self) }

    func console(isInteractive: Bool, width: Int = 80, height: Int = 24) -> Console {
        Console(
            isInteractive: isInteractive, style: Style(isEnabled: false), columns: { width },
            rows: { height },
            sink: { new in self.bytes.withLock { $0 += new } })
    }
}
