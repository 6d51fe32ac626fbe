// mwgan outcomes: everything that can be done with a shot, tried on pairs, for policies to learn from.
import Batch
import Enhancement
import FileNames
import Glibc
import Media
import Networks
import Policy
import Quality
import Terminal

enum OutcomesCommand {
    static let data = Operand(
        "DATA", help: "Folder with pairs.jsonl, as 'mwgan degrade' writes it.",
        completion: .folder)
    static let table = Option.path(
        "output", short: "o", placeholder: "FILE.jsonl",
        help: "The table, a line for each shot; shots that it has are not tried again.",
        group: "Output")
    static let set = Option.string(
        "set", placeholder: "SETS", help: "Only pairs of these sets: 'train,validate'.",
        group: "Shots")
    static let limit = Option.integer(
        "count", in: 1...1_000_000,
        help: "At most so many shots of each set, spread over the list.",
        group: "Shots")
    static let name = Option.string(
        "as", placeholder: "SET",
        help: "Write shots as of this set, whatever the pairs say.",
        group: "Shots")
    static let models = Option.string(
        "models", default: "fast,live,studio", placeholder: "NAMES",
        help: "Which models are tried.", group: "Shots")

    static let renew = Option.flag(
        "renew-states",
        help:
            "Try nothing: look anew at the shots of the table, after what is known of shots has changed.",
        group: "Shots")

    static let command = Command(
        "outcomes", summary: "Try all that can be done with shots, for a policy to learn from.",
        discussion: [
            "Each shot is enhanced by each model, in part and in full, for fidelity and for the eye, "
                + "coded at five qualities, and measured against its original: PSNR of luma, distance "
                + "of deep features, bits, processor time. 'mwgan policy' learns from the table."
        ],
        operands: [data],
        options: [
            table, set, limit, name, models, renew, EvaluateCommand.features, CommonOptions.threads,
            CommonOptions.progress, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ],
        examples: [
            Example(
                "mwgan outcomes pairs/ -o outcomes.jsonl --features yolox_nano.safetensors",
                "A line for each pair.")
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        guard let path = arguments[table] else {
            throw UsageError.nonsense("--output FILE.jsonl says where the table goes")
        }
        let folder = arguments[data][0]
        let sets = arguments[set].map { Set($0.split(separator: ",").map(String.init)) }
        let list = try PairList(folder: folder).pairs
        let pairs = spread(list.filter { sets?.contains($0.set) ?? true }, arguments[limit])
        guard !pairs.isEmpty else {
            throw PairListError(path: folder, problem: "no pairs of these sets", code: .badData)
        }
        let meter = OutcomeMeter(
            try arguments[models].split(separator: ",").map { try LoadedModel(String($0)).model },
            features: try arguments[EvaluateCommand.features].map {
                try DeepFeatures.weights(contentsOf: $0)
            }, threads: CommonOptions.threads(arguments))
        if arguments[renew] {
            // Whatever sets are asked for: no shot of the table is lost.
            let known = Dictionary(list.map { ($0.pair.name, $0.pair) }) { first, _ in first }
            try OutcomeStates.renew(path) { name in
                guard let pair = known[name] else {
                    throw PairListError(
                        path: folder, problem: "has no pair '\(name)', which \(path) has",
                        code: .badData)
                }
                return try meter.state(of: pair)
            }
            return .success
        }
        let file = try OutcomeFile(appending: path)
        let display = CommonOptions.progress("outcomes", total: pairs.count, arguments)
        var failures = 0
        for (index, listed) in pairs.enumerated() where !Signals.isStopRequested {
            if !file.known.contains(listed.pair.name) {
                do {
                    let shot = try meter(
                        listed.pair, clip: listed.source ?? listed.pair.name,
                        set: arguments[name] ?? listed.set)
                    try file.append(shot)
                } catch let error as OutcomeFileError {
                    throw error
                } catch {
                    failures += 1
                    log.error("\(listed.pair.name): \(error)")
                }
            }
            display.update(done: index + 1)
        }
        display.finish()
        if let code = Signals.exitCode { return code }
        return failures == 0 ? .success : .someFailed
    }

    /// At most `limit` pairs of each set, evenly spread over the list.
    private static func spread(_ pairs: [ListedPair], _ limit: Int?) -> [ListedPair] {
        guard let limit else { return pairs }
        return Dictionary(grouping: pairs, by: \.set).sorted { $0.key < $1.key }.flatMap {
            _, pairs in
            let count = min(limit, pairs.count)
            return (0..<count).map { pairs[$0 * pairs.count / count] }
        }
    }
}
