// Running experiments: what is printed, what is written, with which status it ends.
import Laboratory
import Synchronization
import Terminal
import TestSupport
import Testing

@testable import percept_lab

@Suite("Runs of experiments")
struct ExperimentRunTests {
    private let folder = TemporaryFolder()

    /// Lines on standard output, and on standard error.
    private final class Lines: Sendable {
        let output = Mutex<[String]>([])
        let errors = Mutex<[UInt8]>([])
        var text: String { output.withLock { $0.joined(separator: "\n") } }
        var complaints: String { errors.withLock { String(decoding: $0, as: UTF8.self) } }
    }

    private func run(
        _ experiments: [any Experiment], to folder: String? = nil, isInteractive: Bool = false
    ) throws -> (code: ExitCode, lines: Lines) {
        let lines = Lines()
        let console = Console(
            isInteractive: isInteractive, style: Style(isEnabled: false), columns: { 80 },
            sink: { bytes in lines.errors.withLock { $0 += bytes } })
        let run = ExperimentRun(
            ExperimentSetting(), folder: folder, log: Log(console: console), showsSteps: true,
            console: console, output: { line in lines.output.withLock { $0.append(line) } })
        return (try run.measure(experiments), lines)
    }

    @Test("What holds ends with 0, what does not with 1, and both are said")
    func status() throws {
        let good = try run([DartsExperiment()])
        #expect(good.code == .success && good.lines.text.contains("\nholds: "))
        #expect(!good.lines.text.contains("experiments hold"))
        let wrong = try run([DartsExperiment(isWrong: true)])
        #expect(wrong.code == .someFailed && wrong.lines.text.contains("\ndoes not hold: "))
    }

    @Test("One that cannot be run ends with its error; of several the others are run")
    func errors() throws {
        let error = #expect(throws: ExperimentError.self) { try run([MissingExperiment()]) }
        #expect(error?.exitCode == 65)
        let both = try run([MissingExperiment(), DartsExperiment()])
        #expect(both.code == .someFailed)
        #expect(both.lines.complaints.contains("error: missing: photographs are wanted"))
        #expect(both.lines.text.hasSuffix("1 of 2 experiments hold"))
    }

    @Test("Figures and pictures are written, and their names told")
    func files() throws {
        let result = try run([DartsExperiment(), MissingExperiment()], to: folder("new/results"))
        let json = try JSONValue(parsing: readBytes(folder("new/results/darts.json")))
        #expect(json["holds"] == .bool(true))
        let svg = String(decoding: readBytes(folder("new/results/darts.svg")), as: UTF8.self)
        #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
        #expect(shell("ls '\(folder("new/results"))' | wc -l").output == Array("2\n".utf8))
        #expect(result.lines.complaints.contains(folder("new/results/darts.svg")))
    }

    @Test("A folder that cannot be made is said before anything is measured")
    func noFolder() {
        folder.write([], to: "file")
        let lines = Lines()
        let run = ExperimentRun(
            ExperimentSetting(), folder: folder("file/results"), log: Log(level: .error),
            showsSteps: false, output: { line in lines.output.withLock { $0.append(line) } })
        let error = #expect(throws: (any Error).self) { try run.measure([DartsExperiment()]) }
        #expect((error as? any ExitCodeProviding)?.exitCode == 73)
        #expect(lines.text.isEmpty)
    }

    @Test("On a terminal each step is shown, and gone when it is done")
    func steps() throws {
        let shown = try run([DartsExperiment()], isInteractive: true).lines.complaints
        #expect(shown.contains("10000 darts") && shown.hasSuffix("\r\u{1B}[2K"))
        #expect(try run([DartsExperiment()]).lines.complaints.isEmpty)
    }

    @Test("Options become the setting, the data found")
    func setting() throws {
        let fixture = DataFixture()
        let command = RunCommand.command
        func setting(_ words: String...) throws -> ExperimentSetting {
            try RunCommand.setting(command.parse(words, path: "percept-lab run"))
        }
        let plain = try setting("darts")
        #expect(plain.seeds == 3 && plain.precision == nil && plain.data == nil && !plain.isFull)
        let other = try setting(
            "darts", "--seeds", "7", "--precision", "f32", "--full", "--threads", "2", "--data",
            fixture.folder.path)
        #expect(other.seeds == 7 && other.precision == .f32 && other.isFull && other.threads == 2)
        #expect(other.data == fixture.folder.path)
        #expect(throws: DataError.self) { try setting("darts", "--data", "/nonexistent") }
    }
}
