// hoi forget: takes back what was taught.
import Interaction
import Teaching
import Terminal

enum ForgetCommand {
    static let all = Option.flag("all", help: "Forget everything.", group: "Memory")
    static let photograph = Option.path(
        "photo", placeholder: "FILE",
        help: "Forget this photograph's example only, named as 'hoi taught VERB THING' does.",
        group: "Memory")

    static let command = Command(
        "forget", summary: "Take back what was taught.",
        discussion: [
            "The numbers that were kept of its photographs are removed; the photographs themselves "
                + "are not touched."
        ], operands: [TeachingOptions.interaction],
        options: [
            all, photograph, TeachingOptions.memory, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ],
        examples: [
            Example("hoi forget polish car", "'hoi detect' says it no more."),
            Example("hoi forget --all", "As if nothing had been taught."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        _ = try CommonOptions.log(arguments)
        let isNamed = !arguments[TeachingOptions.interaction].isEmpty
        guard isNamed != arguments[all] else {
            throw UsageError.nonsense(
                isNamed
                    ? "--all forgets everything; leave out what is named"
                    : "say what is to be forgotten, as polish car, or --all")
        }
        guard isNamed || arguments[photograph] == nil else {
            throw UsageError.nonsense("--photo is of what is named, as polish car")
        }
        // A line that makes no sense is said before anything is looked at.
        _ = try TeachingOptions.named(arguments)
        let memory = try TaughtMemory(contentsOf: TeachingOptions.folder(arguments))
        guard !memory.examples.isEmpty else { throw TaughtMemoryError(memory.folder, .empty) }
        let triplet = try TeachingOptions.taught(arguments, in: memory)
        let path = arguments[photograph]
        let left = try memory.forgetting { example in
            (triplet.map { example.triplet == $0 } ?? true)
                && (path.map { Self.isSame(example.photograph, $0) } ?? true)
        }
        let count = memory.examples.count - left.examples.count
        guard count > 0 else {
            throw TaughtMemoryError(
                memory.folder, .notTaught(path ?? "", suggestion: nil))
        }
        let what = triplet?.phrase ?? "everything"
        CommonOptions.output(
            "\(what): \(TeachingOptions.photographs(count)) forgotten, "
                + "\(left.examples.count) left in \(printable(memory.folder))")
        return .success
    }

    /// Whether a name means a photograph: its path, or the end of it.
    private static func isSame(_ photograph: String, _ name: String) -> Bool {
        photograph == name || photograph.hasSuffix("/" + name)
            || Lesson.absolute(name) == photograph
    }
}
