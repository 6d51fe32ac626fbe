// percept-lab compare: gradients of rules beside backpropagation's on our own networks.
import Laboratory
import Learning
import Terminal

enum CompareCommand {
    static let model = Option.choice(
        "model", default: RuleComparison.Network.live,
        help: "The network, with its trained weights: a generator, or what tells verbs.",
        group: "Comparison")
    static let rules = Option.string(
        "rules", placeholder: "RULE,...",
        help:
            "Which: \(RuleComparison.ruleNames.joined(separator: ", ")); all of them unless said.",
        group: "Comparison")
    static let nudge = Option.real(
        "nudge", in: 1e-9...1e9, default: 1, placeholder: "X",
        help: "What the loss counts beside prediction errors.", group: "Comparison")
    static let steps = Option.integer(
        "steps", in: 1...100_000, default: 50, help: "Steps of inference.", group: "Comparison")

    static let command = Command(
        "compare",
        summary: "Compare gradients of rules with backpropagation's on our own networks.",
        discussion: [
            "For each parameter, in the order of the network: by how much the gradient that a rule yields "
                + "differs from backpropagation's, relative to its length."
        ],
        options: [
            model, rules, nudge, steps, CommonOptions.threads, CommonOptions.logFile,
            CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [
            Example(
                "percept-lab compare --model live --rules zil,pc",
                "The generator that is the default."),
            Example(
                "percept-lab compare --model hoi --rules pc --nudge 1000", "With a strong pull."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let names =
            arguments[rules].map { $0.split(separator: ",").map(String.init) }
            ?? RuleComparison.ruleNames
        let chosen = try names.map { name in
            guard
                let rule = RuleComparison.rule(
                    name, nudge: arguments[nudge], steps: arguments[steps])
            else {
                throw UsageError.nonsense(
                    "--rules \(name): the rules are \(RuleComparison.ruleNames.joined(separator: ", "))"
                )
            }
            return rule
        }
        let table = try RuleComparison(arguments[model]).table(
            chosen, threads: arguments[CommonOptions.threads])
        for line in ResultText.lines(of: table, style: Style(isTerminal: isTerminal(1))) {
            CommonOptions.output(line)
        }
        return .success
    }
}
