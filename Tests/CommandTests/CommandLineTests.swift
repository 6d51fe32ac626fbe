// The command line of the built program: help, suggestions, statuses.
import Testing

@Suite struct CommandLineTests {
    private let mwgan = BuiltProgram.mwgan

    @Test("Every command explains itself on standard output")
    func help() throws {
        let overview = try mwgan.run("--help")
        #expect(overview.status == 0 && overview.errors == "")
        for command in [
            "enhance", "compare", "probe", "models", "degrade", "train", "evaluate", "export",
            "doctor",
        ] {
            #expect(overview.text.contains("\n  \(command) "))
            let help = try mwgan.run(command, "--help")
            #expect(help.status == 0 && help.text.contains("Usage: mwgan \(command)"))
            #expect(help.text == (try mwgan.run("help", command)).text)
        }
    }

    @Test("The options of enhance are all in its help")
    func options() throws {
        let help = try mwgan.run("enhance", "--help").text
        for option in [
            "-o, --output", "--model", "--strength", "--precision", "--threads", "--start", "--end",
            "--size", "--encoder", "--crf", "--preset", "--tune", "--encoder-option", "--depth",
            "--field-order", "--fps", "--tile", "--conceal", "--strict", "--lenient",
            "--strict-streams",
            "--max-pixels", "--progress", "--report", "--compare", "--preview", "--reference",
            "--dry-run", "-y, --yes", "-n, --no", "-v, --verbose", "-q, --quiet", "--log-file",
        ] {
            #expect(help.contains("\(option) ") || help.contains("\(option)\n"), "\(option)")
        }
    }

    @Test(
        "A command line that makes no sense is 64, one line and a hint, and nothing on output",
        arguments: [
            (["enhance"], "INPUT is missing"),
            (["enhance", "a.mp4", "--strenght", "1"], "did you mean --strength?"),
            (["enhance", "a.mp4", "--strength", "2"], "--strength wants a number from 0 to 1"),
            (["enhance", "a.mp4", "--scale", "2"], "Percept does not upscale"),
            (["enhance", "a.mp4", "--outscale=2"], "Percept does not upscale"),
            (["enhance", "a.mp4", "--size", "0x"], "--size wants auto, keep, max"),
            (["enhance", "a.mp4", "--tile", "3"], "--tile wants auto or a whole number"),
            (["enhance", "a.mp4", "--depth", "9"], "--depth wants 8, 10 or 12"),
            (["enhance", "a.mp4", "--fps", "1/0"], "--fps wants frames a second"),
            (["enhance", "a.mp4", "--conceal", "on"], "--conceal wants"),
            (["enhance", "a.mp4", "-y", "-n"], "-y and -n exclude each other"),
            (["enhance", "a.mp4", "--strict", "--lenient"], "exclude each other"),
            (["enhance", "a.mp4", "--precision", "bf61"], "did you mean bf16?"),
            (["enhnace", "a.mp4"], "did you mean 'enhance'?"),
            (["compare", "a.mp4"], "OUT is missing"), ([], "a command is missing"),
        ])
    func usage(words: [String], hint: String) throws {
        let result = try mwgan.run(words)
        #expect(result.status == 64)
        #expect(result.errors.contains(hint), "\(result.errors)")
        #expect(result.text == "")
        #expect(result.errors.split(separator: "\n").count <= 2)
    }

    @Test("Sizes and frame rates are read in all their forms")
    func forms() throws {
        for size in ["auto", "keep", "1.5x", "700M", "max"] {
            let result = try mwgan.run("enhance", "/nonexistent/a.mp4", "--size", size)
            #expect(result.status != 64, "\(size): \(result.errors)")
        }
        for rate in ["25", "23.976", "30000/1001"] {
            let result = try mwgan.run("enhance", "/nonexistent/a.mp4", "--fps", rate)
            #expect(result.status != 64, "\(rate): \(result.errors)")
        }
    }

    @Test("The version is a word and three numbers")
    func version() throws {
        let result = try mwgan.run("--version")
        #expect(result.text.wholeMatch(of: /mwgan \d+\.\d+\.\d+\n/) != nil)
    }
}
