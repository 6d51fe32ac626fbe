// The small program whose tables the tests of this module read and print.
import Terminal

enum Speed: String, CaseIterable { case slow, medium, fast }

enum Brew {
    static let cups = Option.integer("cups", short: "c", in: 1...12, default: 2, help: "How many.")
    static let strength = Option.real(
        "strength", in: 0...1, default: 0.5, help: "How strong: 0 is water, 1 is tar.")
    static let speed = Option.choice("speed", default: Speed.medium, help: "How fast.")
    static let beans = Option.path(
        "beans", short: "b", aliases: ["coffee"], help: "Where the bean's bag [paper: brown] is.")
    static let folder = Option.path(
        "cellar", placeholder: "DIR", help: "More.", completion: .folder)
    static let wait = Option.time("wait", help: "When to start.", group: "When")
    static let water = Option.byteSize("water", help: "How much water.", group: "When")
    static let extra = Option.pairs("extra", short: "x", help: "Anything \\else.")
    static let temperature = Option.integer("temperature", in: -20...100, help: "In degrees.")
    static let hot = Option.flag("hot", help: "Keep it hot.", excludes: ["cold"])
    static let cold = Option.flag("cold", help: "Keep it cold.", excludes: ["hot"])
    static let verbose = Option.count("verbose", short: "v", help: "Say more.")
    static let quiet = Option.flag("quiet", short: "q", help: "Say less.")
    static let tools = Option.list(
        "tools", of: ["filter", "kettle", "grinder"], placeholder: "LIST", help: "What to use.")
    static let notes = Option.strings("note", placeholder: "TEXT", help: "What to remember.")
    static let pot = Operand("POT", help: "The pot.")
    static let guests = Operand("GUEST", help: "Who drinks.", isOptional: true, isVariadic: true)

    static let command = Command(
        "brew", summary: "Brew coffee into a pot.",
        discussion: [
            "Coffee is ground, heated water is poured over it, and what comes out at the other "
                + "end is kept. Pots that are too small overflow."
        ],
        operands: [pot, guests],
        options: [
            cups, strength, speed, beans, folder, temperature, extra, tools, notes, hot, cold,
            verbose, quiet, CommonOptions.config, CommonOptions.printConfig, wait, water,
        ],
        answers: [
            Answer(to: "milk", "cream", text: "there is no milk in this house; drink it black")
        ],
        examples: [Example("kitchen brew --cups 4 pot.txt", "Brews four cups.")]
    ) { arguments in
        if arguments[pot] == ["broken"] { throw BrokenPot() }
        return arguments[pot] == ["leaking"] ? .someFailed : .success
    }

    static let program = Program(
        "kitchen", summary: "cook and brew", version: "1.2.3", date: "2026-03-01",
        commands: [
            command, Command("wash", summary: "Wash up.", action: { _ in throw ExitCode.tryLater }),
        ],
        environment: [EnvironmentVariable("KITCHEN", help: "Where the kitchen is.")],
        examples: [Example("kitchen brew pot.txt", "Brews the \"usual\" two cups.")])
}

struct BrokenPot: ExitCodeProviding {
    var exitCode: Int32 { ExitCode.inputOutput.rawValue }
    var description: String { "the pot is broken" }
}
