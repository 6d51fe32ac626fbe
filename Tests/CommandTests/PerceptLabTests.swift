// The built laboratory: help, names that are not known, statuses.
import Testing

@Suite("percept-lab")
struct PerceptLabTests {
    private let lab = BuiltProgram(name: "percept-lab")

    @Test("It lists and explains itself on standard output")
    func help() throws {
        let overview = try lab.run("--help")
        #expect(overview.status == 0 && overview.errors == "")
        for command in ["list", "run"] {
            #expect(overview.text.contains("\n  \(command) "))
            let help = try lab.run(command, "--help")
            #expect(help.status == 0 && help.text.contains("Usage: percept-lab \(command)"))
        }
        for option in ["--seeds", "--precision", "--data", "--full", "-o, --output", "--threads"] {
            #expect(try lab.run("run", "--help").text.contains(option), "\(option)")
        }
        let list = try lab.run("list")
        #expect(list.status == 0 && list.errors == "")
    }

    @Test(
        "A command line that makes no sense is 64, and nothing on output",
        arguments: [
            (["run"], "EXPERIMENT is missing"),
            (["run", "no-such-thing"], "no experiment is called 'no-such-thing'"),
            (["run", "x", "--seeds", "0"], "--seeds wants a whole number from 1 to 1000"),
            (["run", "x", "--precision", "f16"], "--precision wants f64 or f32"),
            (
                ["run", "zil-exact", "zil-cost", "--precision", "f64"],
                "zil-cost does not compute with f64: --precision is for infinitesimal-limit, zil-exact"
            ),
            (
                ["run", "equilibrium", "--precision", "f32"],
                "equilibrium does not compute with f32"
            ),
            (["run", "x", "--seds", "1"], "did you mean --seeds?"),
            (["rnu"], "did you mean 'run'?"), ([], "a command is missing"),
        ])
    func usage(words: [String], hint: String) throws {
        let result = try lab.run(words)
        #expect(result.status == 64 && result.text == "")
        #expect(result.errors.contains(hint), "\(result.errors)")
    }
}
