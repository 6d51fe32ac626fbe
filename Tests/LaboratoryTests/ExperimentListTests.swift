// Finding experiments by name.
import Testing

@testable import Laboratory

@Suite("The list of experiments")
struct ExperimentListTests {
    private struct Named: Experiment {
        let name: String
        var claim: String { "" }
        var source: String { "" }
        func run(_ setting: ExperimentSetting) -> ExperimentResult { ExperimentResult() }
    }
    private let list: [any Experiment] = [
        "zil-exact", "zil-cost", "pc-nudge", "hopfield-capacity", "hopfield-noise",
    ].map { Named(name: $0) }

    @Test("Experiments come in the order asked for, each once")
    func order() throws {
        let found = try list.named(["pc-nudge", "zil-exact", "pc-nudge"])
        #expect(found.map(\.name) == ["pc-nudge", "zil-exact"])
    }

    @Test(
        "An unknown name brings near ones, the nearest first",
        arguments: [
            ("zil-exat", ["zil-exact"]), ("zil", ["zil-cost", "zil-exact"]),
            ("Hopfield", ["hopfield-noise", "hopfield-capacity"]), ("xyz", []), ("", []),
            ("nudge", ["pc-nudge"]),
        ])
    func near(name: String, near: [String]) {
        let error = #expect(throws: UnknownExperiment.self) { try list.named([name]) }
        #expect(error?.near == near)
        #expect(error?.exitCode == 64)
    }

    @Test("The line says what was meant, or where names are")
    func line() {
        #expect(
            UnknownExperiment("zil", among: list.map(\.name)).description
                == "no experiment is called 'zil'; did you mean zil-cost or zil-exact?")
        #expect(
            UnknownExperiment("x\n", among: []).description
                == "no experiment is called 'x\\n'; 'percept-lab list' names all")
    }

    @Test("Names are words for a command line and a file, each once, with a claim and a source")
    func shipped() {
        let names = Laboratory.experiments.map(\.name)
        #expect(Set(names).count == names.count)
        for experiment in Laboratory.experiments {
            #expect(
                experiment.name.utf8.allSatisfy { byte in
                    byte == UInt8(ascii: "-")
                        || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                })
            #expect(!experiment.claim.isEmpty && !experiment.source.isEmpty)
        }
    }
}
