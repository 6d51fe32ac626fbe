// hoi split: keeps combinations for a test, and checks that a test asks for nothing else.
import Interaction
import Terminal

/// How a split's counts are printed.
enum SplitFormat: String, CaseIterable { case table, json }

enum SplitCommand {
    static let data = Operand(
        "ANNOTATIONS",
        help: "HICO-DET's or V-COCO's annotations, or lines with image, boxes and interactions; "
            + "several are taken together.", isVariadic: true)
    static let output = Option.path(
        "output", short: "o", placeholder: "FILE.json",
        help: "Write the split: the combinations that are kept for the test, and the photographs "
            + "for training and for the test. 'hoi train --split file' reads it.",
        group: "Output")
    static let onlyCombinations = Option.flag(
        "only-combinations", help: "Write no photographs, so that any may serve.", group: "Output")
    static let format = Option.choice(
        "format", default: SplitFormat.table, help: "How counts are printed.", group: "Output")
    static let check = Option.flag(
        "check",
        help: "Make nothing; tell everything that is wrong with the annotations as training, and "
            + "those of --test as test, of the split. With the photographs that a split's file "
            + "names, only those are looked at.", group: "Split")
    static let test = Option.path(
        "test", placeholder: "FILE",
        help: "Annotations that the test's photographs are taken from; the same unless said.",
        group: "Split")
    static let instances = Option.path(
        "instances", placeholder: "FILE.json",
        help: "COCO's instances, which V-COCO's official form needs.", group: "Split")

    static let command = Command(
        "split", summary: "Keep combinations for a test of what was never seen, or check that.",
        discussion: [
            "A test is of what was never seen where training shows none of its combinations of "
                + "verb and object, but each verb and each object in others. Photographs that show "
                + "both what is kept and what is not serve for neither.",
            "Whatever is wrong is told in a line each, and the exit status is then 65: with "
                + "--check, and where combinations are drawn. Published lists may leave verbs or "
                + "objects unseen by design.",
        ], operands: [data],
        options: [
            SplitOptions.split, SplitOptions.file, SplitOptions.count, SplitOptions.seed, test,
            check, instances, output, onlyCombinations, format, CommonOptions.logFile,
            CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [
            Example(
                "hoi split instances_train2015.json --test instances_test2015.json --split drawn "
                    + "-o split.json", "60 combinations that training does not show."),
            Example(
                "hoi split instances_train2015.json --test instances_test2015.json --split file "
                    + "--split-file split.json --check", "Does it keep what it promises?"),
            Example(
                "hoi split instances_train2015.json --split sg --split-file test_hico_sg1.json "
                    + "--test test_hico_sg1.json", "HICO-DET-SG, with what may be trained on."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        guard arguments[SplitOptions.split] != .none else {
            throw UsageError.nonsense("--split is missing: which combinations are kept?")
        }
        let instances = arguments[Self.instances]
        func read(_ paths: [String]) throws -> [AnnotationFile] {
            try paths.map { try AnnotationFile(contentsOf: $0, instances: instances) }
        }
        let files = try read(arguments[data])
        let tests = try arguments[test].map { try read([$0]) }
        let listed = (files + (tests ?? [])).lazy.compactMap(\.listedTriplets).first
        let pictures = files.flatMap(\.pictures), others = tests.map { $0.flatMap(\.pictures) }
        let shown = CompositionSplit.combinations(of: pictures + (others ?? []))
        let chosen = try SplitOptions.chosen(
            by: arguments, of: listed ?? shown, isListed: listed != nil)
        let division =
            try arguments[check]
            ? checked(chosen, pictures, others) : made(chosen, pictures, others)
        let figures = SplitFigures(split: chosen.split, division: division)
        switch arguments[format] {
        case .table: for line in figures.table { CommonOptions.output(line) }
        case .json: CommonOptions.output(figures.json.pretty)
        }
        let isDrawn = !arguments[check] && arguments[SplitOptions.split] == .drawn
        let count = division.problems.count
        if count > 0 {
            log.warning(
                (count == 1 ? "1 thing is wrong" : "\(count) things are wrong")
                    + (isDrawn ? "; another --split-seed or a smaller --split-count may do" : ""))
        }
        guard count == 0 || !(arguments[check] || isDrawn) else { return .badData }
        if let path = arguments[output] {
            let photographs = SplitFile.Photographs(
                training: division.training.map(\.file), test: division.test.map(\.file))
            let file = SplitFile(
                unseen: chosen.split.unseen,
                photographs: arguments[onlyCombinations] ? nil : photographs)
            try CommonOptions.write(file.json.pretty, to: path)
        }
        return .success
    }

    /// Photographs divided, and what is wrong all the same.
    private static func made(
        _ chosen: ChosenSplit, _ pictures: [AnnotatedPicture], _ others: [AnnotatedPicture]?
    ) -> SplitDivision {
        let test = chosen.split.divided(others ?? pictures).test
        // Where the test has annotations of its own, they may say of a photograph what the others do not.
        let asked = Set(test.map(\.file))
        let training = chosen.split.divided(pictures).training.filter { !asked.contains($0.file) }
        return SplitDivision(
            training: training, test: test,
            problems: chosen.split.problems(training: training, test: test))
    }

    /// Photographs as they are, and what is wrong with them.
    private static func checked(
        _ chosen: ChosenSplit, _ pictures: [AnnotatedPicture], _ others: [AnnotatedPicture]?
    ) throws -> SplitDivision {
        var training = pictures, test = others ?? []
        var problems: [SplitProblem] = []
        if let file = chosen.file, file.photographs != nil {
            // A photograph may be in both, and each says of it what its side must show.
            test = others ?? pictures
            problems = file.missing(training: training, test: test)
            (training, test) = (file.training(among: training), file.test(among: test))
        } else if others == nil {
            throw UsageError.nonsense(
                "--check needs --test, or a --split-file that names photographs")
        }
        problems += chosen.split.problems(training: training, test: test)
        return SplitDivision(training: training, test: test, problems: problems)
    }
}

/// Photographs for training and for the test, and what is wrong with them.
struct SplitDivision {
    let training: [AnnotatedPicture], test: [AnnotatedPicture]
    let problems: [SplitProblem]
}
