// The part of hoi evaluate that measures detectors.
import Interaction
import Media
import Networks
import Terminal

struct DetectorEvaluation {
    private let arguments: Arguments
    private let pictures: [AnnotatedPicture]
    private let folder: String
    /// Kinds of things whose precision is averaged.
    private let kinds: [Int]
    private static let leastCount = 10

    /// Whether a file of weights holds a detector.
    static func isDetector(_ path: String) throws -> Bool {
        if PyTorchFile.isOne(path) { return true }
        return try Safetensors(contentsOf: path).contains("head.cls_preds.0.weight")
    }

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        let file = arguments[EvaluateCommand.data][0]
        let all =
            file.hasSuffix(".jsonl")
            ? try AnnotatedPicture.list(contentsOf: file)
            : try COCOInstances(contentsOf: file).pictures
        let pictures = all.filter(\.hasAllThings)
        guard !pictures.isEmpty else {
            throw NoPicturesError(
                problem: "\(file) has no picture of which all things are annotated")
        }
        self.pictures = pictures
        folder =
            arguments[PhotographOptions.pictures]
            ?? file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
        kinds = try Self.kinds(arguments, pictures)
    }

    private static func kinds(
        _ arguments: Arguments, _ pictures: [AnnotatedPicture]
    ) throws -> [Int] {
        guard let names = arguments[EvaluateCommand.objects] else {
            let counts = Dictionary(
                grouping: pictures.flatMap(\.trueBoxes).filter { !$0.isCrowd }, by: \.category
            ).mapValues(\.count)
            return counts.filter { $0.value >= leastCount }.keys.sorted()
        }
        return try names.split(separator: ",").map { name in
            let plain = name.replacing("_", with: " ")
            guard let index = COCO.index(of: String(plain)) else {
                throw UsageError.nonsense("--objects: COCO has no '\(name)'")
            }
            return index
        }
    }

    func run(_ log: Log) throws -> ExitCode {
        let side = try FindingOptions.side(arguments)
        let files =
            [arguments[EvaluateCommand.beside], arguments[EvaluateCommand.measured][0]]
            .compactMap { $0 }
        var found: [[[Detection]]] = []
        for file in files {
            let detector = try Detector(
                contentsOf: file, side: side, threads: arguments[CommonOptions.threads])
            found.append([])
            for picture in pictures {
                if let code = Signals.exitCode { return code }
                guard let frame = try openSource(path: "\(folder)/\(picture.file)").next() else {
                    throw MediaError.notVideo(path: picture.file, reason: "no picture in it")
                }
                found[found.count - 1].append(try detector(frame.upright(), atLeast: 0.001))
            }
            log.info("\(file): \(pictures.count) pictures")
        }
        let truth = pictures.map(\.trueBoxes)
        let figures = DetectorFigures(files: files, truth: truth, found: found, kinds: kinds)
        return try figures.say(arguments)
    }
}

/// Input without a picture that serves.
struct NoPicturesError: ExitCodeProviding {
    let problem: String

    var exitCode: Int32 { ExitCode.badData.rawValue }
    var description: String { problem }
}
