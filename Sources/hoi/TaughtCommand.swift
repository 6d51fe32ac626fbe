// hoi taught: lists what was taught, and by which photographs.
import FileNames
import Glibc
import Interaction
import Teaching
import Terminal

enum TaughtCommand {
    static let stale = Option.flag(
        "stale",
        help: "List the photographs only that another detector saw, which must be taught anew.",
        group: "Memory")
    static let json = Option.flag("json", help: "Print JSON.", group: "Output")

    static let command = Command(
        "taught", summary: "List what was taught, and by which photographs.",
        discussion: [
            "With a verb and a thing it lists the photographs, and how alike each is to what all of "
                + "them have in common, from -1 to 1: one that is much less alike than the others may "
                + "show something else."
        ], operands: [TeachingOptions.interaction],
        options: [
            stale, json, TeachingOptions.memory, LookSpace.option, CommonOptions.logFile,
            CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [
            Example("hoi taught", "All interactions."),
            Example("hoi taught polish car", "Its photographs."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        _ = try TeachingOptions.named(arguments)
        let memory = try TaughtMemory(contentsOf: TeachingOptions.folder(arguments))
        let triplet = try TeachingOptions.taught(arguments, in: memory)
        guard !memory.examples.isEmpty else {
            if arguments[json] {
                CommonOptions.output(JSONValue.array([]).compact)
            } else {
                log.info("\(TaughtMemoryError(memory.folder, .empty))")
            }
            return .success
        }
        var space: LookSpace?
        do {
            space = try TeachingOptions.space(arguments)
        } catch  where !arguments[stale] && !arguments.isGiven(LookSpace.option) {
            log.warning("\(error); how alike photographs are is not told")
        }
        let wanted = memory.examples.indices.filter { index in
            let example = memory.examples[index]
            return (triplet.map { example.triplet == $0 } ?? true)
                && (!arguments[stale] || example.detector != space?.detectorName)
        }
        if arguments[stale] {
            for index in wanted {
                CommonOptions.output(printable(memory.examples[index].photograph))
            }
            return .success
        }
        let alike = try space.flatMap { space in
            memory.examples.allSatisfy { $0.detector == space.detectorName }
                ? try memory.likeness(in: space) : nil
        }
        if arguments[json] {
            CommonOptions.output(
                JSONValue.array(wanted.map { Self.json(memory.examples[$0], alike?[$0]) }).pretty)
            return .success
        }
        let lines =
            triplet == nil
            ? overview(memory, space) : photographs(memory, wanted, alike, space)
        for line in lines { CommonOptions.output(line) }
        return .success
    }

    /// A line for each interaction.
    private static func overview(_ memory: TaughtMemory, _ space: LookSpace?) -> [String] {
        var table = Table([
            ("verb", .left), ("thing", .left), ("photographs", .right), ("thing seen", .right),
            ("", .left),
        ])
        for triplet in memory.triplets {
            let some = memory.examples.filter { $0.triplet == triplet }
            let others = some.count { $0.detector != space?.detectorName }
            table.append([
                triplet.verb, triplet.object, "\(some.count)", "\(some.count { $0.object != nil })",
                space == nil || others == 0 ? "" : "\(others) seen by another detector",
            ])
        }
        return table.lines()
    }

    /// A line for each photograph.
    private static func photographs(
        _ memory: TaughtMemory, _ wanted: [Int], _ alike: [Double]?, _ space: LookSpace?
    ) -> [String] {
        var table = Table([
            ("photograph", .left), ("person", .left), ("thing", .left), ("alike", .right),
            ("", .left),
        ])
        for index in wanted {
            let example = memory.examples[index]
            var notes: [String] = []
            if access(example.photograph.fileName, F_OK) != 0 { notes.append("no longer there") }
            if let space, example.detector != space.detectorName {
                notes.append("seen by another detector")
            }
            table.append([
                printable(example.photograph), TeachCommand.corners(example.human),
                example.object.map(TeachCommand.corners) ?? "not seen",
                alike.map { fixed($0[index], decimals: 2) } ?? "n/a", notes.joined(separator: ", "),
            ])
        }
        return table.lines()
    }

    private static func json(_ example: TaughtExample, _ alike: Double?) -> JSONValue {
        func corners(_ box: Box) -> JSONValue {
            .array([box.x1, box.y1, box.x2, box.y2].map { .number($0) })
        }
        return .object([
            ("verb", .string(example.triplet.verb)),
            ("object_name", .string(example.triplet.object)),
            ("photograph", .string(example.photograph)), ("human", corners(example.human)),
            ("object", example.object.map(corners) ?? .null),
            ("alike", alike.map { .number(($0 * 10_000).rounded() / 10_000) } ?? .null),
            ("detector", .string(example.detector)),
        ])
    }
}
