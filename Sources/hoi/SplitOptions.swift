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
    case sg

    /// The published list of this name.
    var list: ZeroShotLists.Kind? { ZeroShotLists.Kind(rawValue: rawValue) }
}

enum SplitOptions {
    static let split = Option.choice(
        "split", default: SplitChoice.none, placeholder: "SPLIT",
        help: "Combinations that training must not show: none; drawn at random, so that their "
            + "verbs and objects are known from others; a published list (rare_first, "
            + "non_rare_first, unseen_object, unseen_verb); or those of a test set of "
            + "HICO-DET-SG (sg).",
        group: "Split")
    static let file = Option.path(
        "split-file", placeholder: "FILE.json",
        help: "The file of the published lists, or the test set of HICO-DET-SG.", group: "Split")
    static let count = Option.integer(
        "split-count", in: 1...10_000, default: 60, help: "How many are drawn.", group: "Split")
    static let seed = Option.integer(
        "split-seed", in: 0...Int.max, default: 1, help: "Seed of the drawing.", group: "Split")

    /// The split that the options ask for, of the combinations of a data set.
    ///
    /// - Throws: `UsageError`, ``AnnotationError``, ``SplitError``.
    static func chosen(
        by arguments: Arguments, of set: HICODET
    ) throws -> CompositionSplit {
        let choice = arguments[split]
        func path() throws -> String {
            guard let path = arguments[file] else {
                throw UsageError.nonsense("--split \(choice.rawValue) needs a --split-file")
            }
            return path
        }
        if let list = choice.list {
            return try ZeroShotLists(contentsOf: path(), count: set.triplets.count)
                .split(list, of: set.triplets)
        }
        switch choice {
        case .drawn:
            var random = RandomSource(seed: UInt64(arguments[seed]))
            guard
                let drawn = CompositionSplit(
                    set.triplets, drawing: arguments[count], using: &random)
            else { throw SplitError(count: arguments[count], known: set.triplets.count) }
            return drawn
        case .sg:
            let test = try HICODETSG(contentsOf: path(), verbs: set.verbs)
            return CompositionSplit(set.triplets, unseen: test.triplets)
        default: return CompositionSplit(set.triplets, unseen: [])
        }
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
