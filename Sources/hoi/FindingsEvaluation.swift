// The part of hoi evaluate that measures findings, by the measure of the annotations' data set.
import Interaction
import Terminal

struct FindingsEvaluation {
    typealias Options = EvaluateCommand

    private let arguments: Arguments
    private let findings: KnownFindings
    private let annotations: [AnnotationFile]
    private let log: Log

    init(_ arguments: Arguments, _ log: Log) throws {
        (self.arguments, self.log) = (arguments, log)
        findings = try KnownFindings(contentsOf: arguments[Options.measured][0])
        annotations = try arguments[Options.data].map {
            try AnnotationFile(contentsOf: $0, instances: arguments[Options.instances])
        }
    }

    func run() throws -> ExitCode {
        if annotations.count > 1 {
            return try retrieval(annotations)
        }
        switch annotations[0] {
        case .hicodet(let set):
            return try combinations(set.pictures, set.triplets, rare: set.rare)
        case .hicodetSG(let set):
            // Its photographs show nothing but what training must not.
            let numbers = HICO.triplets.indices.filter { set.triplets.contains(HICO.triplets[$0]) }
            return try combinations(set.pictures, HICO.triplets, unseen: Set(numbers))
        case .vcoco(let set): return try roles(set)
        case .list: return try retrieval(annotations)
        }
    }

    /// HICO-DET's measure.
    private func combinations(
        _ pictures: [AnnotatedPicture], _ triplets: [Triplet], rare: Set<Int> = [],
        unseen: Set<Int>? = nil
    ) throws -> ExitCode {
        guard findings.form != .vcoco else { throw FormError(path: findings.path) }
        var (pictures, unseen) = (pictures, unseen ?? [])
        if arguments.isGiven(SplitOptions.split) {
            let chosen = try SplitOptions.chosen(by: arguments, of: triplets)
            pictures = try chosen.test(among: pictures)
            unseen = chosen.split.unseenNumbers(in: triplets)
        }
        sayUnknown(pictures)
        let numbers = Dictionary(uniqueKeysWithValues: triplets.enumerated().map { ($1, $0) })
        var others = 0
        let found = pictures.map { picture in
            let pairs = findings.pairs(in: picture.file)
            let detections = pairs.compactMap { $0.detection(numbered: numbers) }
            others += pairs.count - detections.count
            return detections
        }
        if others > 0 {
            log.warning("\(others) findings are none of the \(triplets.count) combinations")
        }
        let accuracy = PredicateAccuracy(
            found, in: pictures, triplets: triplets, rare: rare, unseen: unseen)
        return try AccuracyReport(accuracy: accuracy, title: "mAP, %").say(arguments)
    }

    /// V-COCO's measures.
    private func roles(_ set: VCOCO) throws -> ExitCode {
        sayUnknown(set.pictures)
        let found = set.pictures.map { findings.agents(in: $0.file) }
        return try RoleFigures(set, found: found).say(arguments)
    }

    /// UnRel's measure.
    private func retrieval(_ annotations: [AnnotationFile]) throws -> ExitCode {
        guard findings.form != .vcoco else { throw FormError(path: findings.path) }
        let pictures = annotations.flatMap(\.pictures)
        var names: Set<String> = []
        for picture in pictures where !names.insert(picture.file).inserted {
            throw NoPicturesError(
                problem: "\(picture.file) is annotated twice; names of pictures must differ")
        }
        sayUnknown(pictures)
        let accuracy = RetrievalAccuracy(
            truth: pictures.map(\.relations),
            candidates: pictures.map { picture in
                findings.pairs(in: picture.file).map { ($0.boxes, $0.verbScore) }
            },
            asking: try arguments[Options.queries].map { try Relation.list(contentsOf: $0) },
            extent: arguments[Options.extent], overlap: arguments[Options.overlap])
        return try RetrievalFigures(accuracy: accuracy).say(arguments)
    }

    /// Warns of pictures that only one of the files knows.
    private func sayUnknown(_ pictures: [AnnotatedPicture]) {
        let known = pictures.count { findings.knows($0.file) }
        if known < pictures.count {
            log.warning(
                "\(findings.path) says nothing of \(pictures.count - known) of "
                    + "\(pictures.count) pictures")
        }
        if known < findings.pictureCount {
            log.warning(
                "\(findings.pictureCount - known) pictures of \(findings.path) are not "
                    + "annotated and are left out")
        }
    }
}

/// Findings of a form that the annotations' measure cannot judge.
struct FormError: ExitCodeProviding {
    let path: String

    var exitCode: Int32 { ExitCode.badData.rawValue }
    var description: String {
        "\(path): is V-COCO's list of people, which only V-COCO's annotations can judge"
    }
}
