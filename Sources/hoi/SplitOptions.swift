// Options that say which combinations of verb and object are kept from training.
import Interaction
import Tensors
import Terminal

/// How combinations are kept from training.
enum SplitChoice: String, CaseIterable {
    case none, drawn
    case rareFirst = "rare_first"
    case nonRareFirst = "non_rare_first"
    case unseenObject = "unseen_object"
    case unseenVerb = "unseen_verb"
    case sg, file

    /// The published list of this name.
    var list: ZeroShotLists.Kind? { ZeroShotLists.Kind(rawValue: rawValue) }
}

enum SplitOptions {
    static let split = Option.choice(
        "split", default: SplitChoice.none, placeholder: "SPLIT",
        help: "Combinations that training must not show: none; drawn at random, so that their "
            + "verbs and objects are known from others; a published list (rare_first, "
            + "non_rare_first, unseen_object, unseen_verb); those of a test set of HICO-DET-SG "
            + "(sg); or those, and the photographs, of a file that 'hoi split' wrote.",
        group: "Split")
    static let file = Option.path(
        "split-file", placeholder: "FILE.json",
        help: "The file of the published lists, the test set of HICO-DET-SG, or the split.",
        group: "Split")
    static let count = Option.integer(
        "split-count", in: 1...10_000, default: 60, help: "How many are drawn.", group: "Split")
    static let seed = Option.integer(
        "split-seed", in: 0...Int.max, default: 1, help: "Seed of the drawing.", group: "Split")

    /// The split that the options ask for, of the combinations of a data set.
    ///
    /// - Parameters:
    ///   - verbs: HICO-DET's in order, by which HICO-DET-SG numbers them.
    ///   - isListed: Whether `triplets` are the data set's own list, and not just what photographs show.
    /// - Throws: `UsageError`, ``AnnotationError``, ``SplitError``.
    static func chosen(
        by arguments: Arguments, of triplets: [Triplet], verbs: [String] = HICO.verbs,
        isListed: Bool = true
    ) throws -> ChosenSplit {
        let choice = arguments[split]
        func path() throws -> String {
            guard let path = arguments[file] else {
                throw UsageError.nonsense("--split \(choice.rawValue) needs a --split-file")
            }
            return path
        }
        guard isListed || (choice.list == nil && choice != .sg) else {
            throw UsageError.nonsense(
                "--split \(choice.rawValue) names combinations of HICO-DET's list, which the "
                    + "annotations have not")
        }
        if let list = choice.list {
            return ChosenSplit(
                try ZeroShotLists(contentsOf: path(), count: triplets.count)
                    .split(list, of: triplets))
        }
        switch choice {
        case .drawn:
            var random = RandomSource(seed: UInt64(arguments[seed]))
            guard
                let drawn = CompositionSplit(
                    triplets, drawing: arguments[count], using: &random)
            else { throw SplitError(count: arguments[count], known: triplets.count) }
            return ChosenSplit(drawn)
        case .sg:
            let test = try HICODETSG(contentsOf: path(), verbs: verbs)
            return ChosenSplit(CompositionSplit(triplets, unseen: test.triplets))
        case .file:
            let place = try path()
            let file = try SplitFile(contentsOf: place, of: isListed ? triplets : nil)
            return ChosenSplit(
                CompositionSplit(triplets, unseen: file.unseen), file: file, path: place)
        default: return ChosenSplit(CompositionSplit(triplets, unseen: []))
        }
    }
}

/// A split, and the file that it comes from where that may name photographs.
struct ChosenSplit {
    let split: CompositionSplit
    let file: SplitFile?
    private let path: String

    init(_ split: CompositionSplit, file: SplitFile? = nil, path: String = "") {
        (self.split, self.file, self.path) = (split, file, path)
    }

    /// Those of the pictures that serve for training.
    func training(among pictures: [AnnotatedPicture]) throws -> [AnnotatedPicture] {
        try some(file?.training(among: pictures) ?? pictures, "training")
    }

    /// Those of the pictures that serve for the test.
    func test(among pictures: [AnnotatedPicture]) throws -> [AnnotatedPicture] {
        try some(file?.test(among: pictures) ?? pictures, "the test")
    }

    private func some(
        _ pictures: [AnnotatedPicture], _ purpose: String
    ) throws -> [AnnotatedPicture] {
        guard file == nil || !pictures.isEmpty else {
            throw NoPicturesError(
                problem: "\(path) names none of the annotated photographs for \(purpose)")
        }
        return pictures
    }
}

/// More combinations than can be kept back.
struct SplitError: ExitCodeProviding {
    let count: Int, known: Int

    var exitCode: Int32 { ExitCode.badData.rawValue }
    var description: String {
        "\(count) of \(known) combinations cannot be kept back so that each verb and each object "
            + "is seen in another; ask for fewer"
    }
}
