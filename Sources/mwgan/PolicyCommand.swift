// mwgan policy: learns from outcomes what shots are worth, and says what that brings.
import Batch
import Policy
import Terminal

enum PolicyCommand {
    static let data = Operand(
        "OUTCOMES", help: "Tables that 'mwgan outcomes' wrote.", isVariadic: true)
    static let output = Option.path(
        "output", short: "o", placeholder: "FILE.safetensors",
        help: "Write what was learned of all shots but those that only measure.", group: "Output")
    static let format = Option.choice(
        "format", default: FigureFormat.table, help: "How figures are printed.", group: "Output")
    static let validation = Option.string(
        "validate", default: "select,validate", placeholder: "SETS",
        help: "Sets of pairs that are only measured with.", group: "Contest")
    static let contend = Option.flag(
        "contest",
        help:
            "Decide about the shots of these sets under budgets, beside the best constant setting, an "
            + "oracle, TD3 and others.", group: "Contest")
    static let steps = Option.integer(
        "steps", in: 1000...10_000_000, default: 20_000,
        help: "Steps of those that learn step by step, each with one update.", group: "Contest")
    static let seeds = Option.integer(
        "seeds", in: 1...100, default: 3, help: "Starts of everything random.", group: "Contest")

    static let command = Command(
        "policy", summary: "Learn what each choice for a shot will bring.",
        discussion: [
            "The file that comes of it is what 'mwgan enhance --auto' and '--deadline' go by."
        ],
        operands: [data],
        options: [
            output, format, validation, contend, steps, seeds, CommonOptions.logFile,
            CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [
            Example("mwgan policy outcomes.jsonl --contest", "Which way to decide is best?"),
            Example("mwgan policy outcomes.jsonl -o shots.safetensors", "What programs go by."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        guard arguments[contend] || arguments.isGiven(output) else {
            throw UsageError.nonsense("--output FILE keeps what is learned, --contest measures it")
        }
        let sets = Set(arguments[validation].split(separator: ",").map(String.init))
        let shots = try arguments[data].flatMap { try OutcomeFile.read($0) }
        let training = shots.filter { !sets.contains($0.set) }
        let held = shots.filter { sets.contains($0.set) }
        guard let first = training.first, let grid = ShotGrid(of: first),
            shots.allSatisfy({ $0.isTried(like: first) })
        else {
            throw UsageError.nonsense(
                "\(arguments[data][0]): no shots to learn from that were all tried in the same ways"
            )
        }
        if arguments[contend] {
            guard var contest = ShotContest(training: training, validation: held) else {
                throw UsageError.nonsense("--validate \(arguments[validation]): no such shots")
            }
            (contest.steps, contest.seeds) = (arguments[steps], arguments[seeds])
            contest.observe = { log.info($0) }
            let rounds = try contest.run()
            switch arguments[format] {
            case .table: for line in table(rounds) { CommonOptions.output(line) }
            case .json: CommonOptions.output(JSONValue.array(rounds.map(json)).pretty)
            case .csv: for line in csv(rounds) { CommonOptions.output(line) }
            }
        }
        if let path = arguments[output] {
            try ShotPolicy(learning: training, on: grid).write(
                to: path,
                notes: ["shots.learned": "\(training.count) shots"])
            CommonOptions.output(path)
        }
        return .success
    }

    private static func percent(_ value: Double) -> String {
        "\(fixed(100 * value, decimals: 0)) %"
    }

    /// A row for each round, a column for each way: the part of the way from the best constant setting to the oracle.
    private static func table(_ rounds: [ContestRound]) -> [String] {
        guard let names = rounds.first?.results.map(\.name) else { return [] }
        var table = Table(
            alignments: [.left, .right, .right, .right] + names.map { _ in .right })
        table.append(["limited", "to", "constant dB", "oracle dB"] + names)
        for round in rounds {
            let constant = round.constant?.worth ?? 0
            table.append(
                [
                    round.limits, percent(round.part), fixed(constant, decimals: 3),
                    fixed(round.oracle, decimals: 3),
                ] + round.results.map { percent($0.part(from: constant, to: round.oracle)) })
        }
        var spent = Table(alignments: [.left, .right] + names.map { _ in .right })
        spent.append(["spent of", "part"] + names)
        for round in rounds {
            spent.append(
                [round.limits, percent(round.part)]
                    + round.results.map { result in
                        let most = (result.effort + result.bits).compactMap { $0 }
                        return "\(percent(most.min() ?? 0)) - \(percent(most.max() ?? 0))"
                    })
        }
        let updates = rounds[0].results.compactMap { result in
            result.updates.map { "\(result.name) \($0)" }
        }
        return table.lines() + [""] + spent.lines() + [
            "",
            "Percent: of the way from the best constant setting to the oracle. Updates: "
                + updates.joined(separator: ", "),
        ]
    }

    private static func csv(_ rounds: [ContestRound]) -> [String] {
        ["limits,part,way,worth,constant,oracle"]
            + rounds.flatMap { round in
                round.results.map { result in
                    "\(round.limits),\(round.part),\(result.name),\(result.mean),"
                        + "\(round.constant?.worth ?? .nan),\(round.oracle)"
                }
            }
    }

    private static func json(_ round: ContestRound) -> JSONValue {
        func numbers(_ values: [Double?]) -> JSONValue {
            .array(values.map { $0.map(JSONValue.number) ?? .null })
        }
        return .object([
            ("limits", .string(round.limits)), ("part", .number(round.part)),
            ("constant", round.constant.map { .number($0.worth) } ?? .null),
            (
                "constantSetting",
                round.constant.map {
                    .string("\($0.action.choice), crf \(fixed($0.action.quality, decimals: 0))")
                } ?? .null
            ),
            ("oracle", .number(round.oracle)),
            (
                "ways",
                .array(
                    round.results.map { result in
                        .object([
                            ("name", .string(result.name)), ("worth", numbers(result.worth)),
                            ("effort", numbers(result.effort)), ("bits", numbers(result.bits)),
                            ("updates", result.updates.map(JSONValue.int) ?? .null),
                        ])
                    })
            ),
        ])
    }
}
