// hoi teach: adds an interaction by a few photographs of it.
import Interaction
import Media
import Teaching
import Terminal

enum TeachCommand {
    static let photographs = Operand(
        "PHOTO",
        help: "Photographs of it, one to ten do: files, folders, patterns, or - for a list of "
            + "names on standard input.", isVariadic: true)
    static let person = Option.integer(
        "person", in: 1...1000,
        help: "Who does it where several people are in the photograph, counted from the left.",
        group: "Photographs")
    static let box = Option.string(
        "box", placeholder: "X1,Y1,X2,Y2",
        help: "Where who does it is, in pixels of the photograph.", group: "Photographs")
    static let gallery = Option.path(
        "gallery", placeholder: "FILE.html",
        help: "Write a page that shows who and what was taken from each photograph.",
        group: "Output")

    static let command = Command(
        "teach", summary: "Add an interaction by a few photographs of it.",
        discussion: [
            "Finds in each photograph who does it and what it is done to, and keeps how they look: "
                + "numbers, no pixels. 'hoi detect' says it from then on, beside what it said "
                + "before. Nothing is trained; more photographs can follow.",
            "Of several people the one is taken who is sure, large and near such a thing; --person "
                + "and --box say who, for one photograph at a time. A photograph of no use is named "
                + "with the reason; the exit status is then 1, or 65 where none was of use.",
        ], operands: [TeachingOptions.verb, TeachingOptions.thing, photographs],
        options: [
            person, box, gallery, DetectCommand.yes, TeachingOptions.memory,
            FindingOptions.detector, LookSpace.option, CommonOptions.threads,
            CommonOptions.logFile, CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [
            Example(
                "hoi teach polish car photos/", "Five photographs of somebody polishing a car."),
            Example(
                "hoi teach polish car garage.jpg --person 2", "The second from the left does it."),
            Example(
                "hoi teach play harp harp/*.jpg --gallery taken.html",
                "A thing that no detector knows; look at what was taken."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        let triplet = try TeachingOptions.triplet(
            arguments[TeachingOptions.verb][0], arguments[TeachingOptions.thing][0])
        let choice = try choice(arguments)
        let paths = try InputList.expand(arguments[photographs], list: readStandardInput)
        guard choice == .best || paths.count == 1 else {
            throw UsageError.nonsense(
                "--person and --box are of one photograph, and here are \(paths.count)")
        }
        let space = try TeachingOptions.space(arguments)
        let memory = try TaughtMemory(contentsOf: TeachingOptions.folder(arguments))
        try memory.check(space)
        let page = try arguments[gallery].map {
            try OutputFile(
                path: $0, overwrite: arguments[DetectCommand.yes] ? .replace : .refuse,
                inputs: paths)
        }
        let writer = page.map { page in
            Gallery { text in
                var text = text
                try text.withUTF8 { try page.write(UnsafeRawBufferPointer($0)) }
            }
        }
        try writer?.begin()
        let lesson = try Lesson(
            triplet, choice,
            detector: DetectRun.weights(
                arguments[FindingOptions.detector] ?? "detector",
                advice: "--detector takes YOLOX weights (.safetensors)"), in: space,
            threads: arguments[CommonOptions.threads])
        var outcomes: [Lesson.Outcome] = []
        try lesson.look(
            at: paths, knowing: memory.examples, shouldStop: { Signals.isStopRequested }
        ) { outcome, picture in
            outcomes.append(outcome)
            if let problem = outcome.problem {
                log.error(
                    outcome.findings.error == nil
                        ? "\(printable(outcome.image)): not used: \(problem.text)" : problem.text)
            } else {
                CommonOptions.output(line(outcome, triplet, choice))
            }
            if let picture { try writer?.add(outcome.findings, picture) }
        }
        // What was asked for is all taught or nothing.
        if let code = Signals.exitCode { return code }
        let failed = outcomes.filter { $0.problem != nil }
        guard failed.count < outcomes.count else {
            let codes = Set(failed.compactMap { $0.problem?.exitCode })
            log.error("nothing was taught")
            return codes.count == 1
                ? codes.first.flatMap { ExitCode(rawValue: $0) } ?? .badData : .badData
        }
        let taught = try Lesson.store(outcomes, in: memory)
        try writer?.end()
        try page?.finish()
        let count = taught.examples.count { $0.triplet == triplet }
        CommonOptions.output(
            "\(triplet.phrase) is taught by \(TeachingOptions.photographs(count)), in "
                + printable(taught.folder))
        return failed.isEmpty ? .success : .someFailed
    }

    /// Who is meant.
    private static func choice(_ arguments: Arguments) throws -> Lesson.Choice {
        if let text = arguments[box] {
            guard arguments[person] == nil else { throw UsageError.exclusive("--person", "--box") }
            let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map {
                Double($0)
            }
            guard numbers.count == 4, let x1 = numbers[0], let y1 = numbers[1],
                let x2 = numbers[2], let y2 = numbers[3], Box(x1, y1, x2, y2).isFinite,
                !Box(x1, y1, x2, y2).isEmpty
            else {
                throw UsageError.badValue(
                    option: "--box", value: text,
                    expected: "left, upper, right and lower edge, as 10,20,200,300",
                    suggestion: nil)
            }
            return .box(Box(x1, y1, x2, y2))
        }
        return arguments[person].map(Lesson.Choice.person) ?? .best
    }

    /// `photo.jpg  person at 12,30-200,400, car at 220,40-400,380`
    private static func line(
        _ outcome: Lesson.Outcome, _ triplet: Triplet, _ choice: Lesson.Choice
    ) -> String {
        guard let example = outcome.example else { return "" }
        var text = "\(printable(outcome.image))  person at \(corners(example.human))"
        if let object = example.object {
            text += ", \(triplet.object) at \(corners(object))"
        } else if COCO.index(of: triplet.object) != nil {
            text += ", no \(triplet.object) seen"
        }
        if choice == .best, outcome.people > 1 {
            text += "; one of \(outcome.people) people, --person N chooses another"
        }
        return text
    }

    /// `12,30-200,400`
    static func corners(_ box: Box) -> String {
        func whole(_ value: Double) -> String { fixed(value, decimals: 0) }
        return "\(whole(box.x1)),\(whole(box.y1))-\(whole(box.x2)),\(whole(box.y2))"
    }
}
