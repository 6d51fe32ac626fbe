// Which pairs are made of which clips, in which order.
import Media
import Tensors

/// What a person asks for.
public struct DegradationWishes: Sendable {
    /// Codecs and controls of the recipes.
    public var codecs = Set(Recipe.Codec.allCases), controls = Set(Recipe.Control.allCases)
    /// Recipes of each window, frames of a window, and lines that higher clips are reduced to.
    public var recipesPerWindow = 8, frames = 32, maximumHeight = 480
    /// Of all random choices.
    public var seed = 1

    /// Everything, by default.
    public init() {}
}

/// One pair to be made.
public struct PlannedPair: Sendable {
    let window: FootageWindow
    /// How it is damaged.
    public let recipe: Recipe
    /// The set of the list that it belongs to.
    public let set: String
    /// Its name, unique in a list.
    public let id: String

    init(_ window: FootageWindow, _ recipe: Recipe, set: String) {
        self.window = window
        self.recipe = recipe
        self.set = set
        let before = recipe.first.first.map { "\($0.codec.rawValue)-" } ?? ""
        id =
            "\(window.name)-\(before)\(recipe.codec.rawValue)-\(recipe.kind.rawValue)"
            + "\(recipe.rateText)-\(recipe.digest(window.name))"
    }

    /// The clip it is made of, and the window of it.
    public var clip: String { window.footage.name }
    public var source: String { window.name }
    /// Files relative to the folder of pairs: the pristine window, what is compared with, and what was encoded.
    var base: String { "references/\(window.name).mkv" }
    public var reference: String {
        if recipe.codec == .jpeg { return "references/\(window.name).full.mkv" }
        guard let larger = recipe.enlargement else { return base }
        return "references/\(window.name).\(larger.factor)-\(larger.filter.rawValue).mkv"
    }
    public var degraded: String { "degraded/\(id)\(recipe.container.fileExtension)" }
}

/// The pairs of a run: the same clips, wishes and sets give the same pairs.
public struct DegradationPlan: Sendable {
    /// Held-out pairs first, then each window's first recipe, each window's second ...: whoever stops
    /// early has a mixed set.
    public let pairs: [PlannedPair]

    /// A plan for `clips`; the clips of the set "train" are dealt recipes from the deck, all others
    /// get the same few.
    ///
    /// - Parameter sets: which set each clip is in, by its name; clips without one are left out.
    /// - Throws: ``MediaError/usage(_:)`` where no encoder knows such rates.
    public init(
        _ clips: [Footage], sets: [String: String], _ wishes: DegradationWishes
    ) throws {
        guard
            let deck = RecipeDeck(
                codecs: wishes.codecs, controls: wishes.controls, seed: wishes.seed)
        else {
            let codecs = wishes.codecs.map(\.rawValue).sorted().joined(separator: ", ")
            let rates = wishes.controls.map(\.rawValue).sorted().joined(separator: ", ")
            throw MediaError.usage(
                "no recipe of \(codecs) has a rate of \(rates); jpeg, mpeg2, mpeg4 and xvid know no crf,"
                    + " jpeg knows qp alone")
        }
        let measuring = RecipeDeck.measuring(codecs: wishes.codecs, controls: wishes.controls)
        var measured: [PlannedPair] = []
        var rounds = [[PlannedPair]](repeating: [], count: wishes.recipesPerWindow)
        for clip in clips {
            guard let set = sets[clip.name] else { continue }
            for window in FootageWindow.all(
                of: clip, frames: wishes.frames, maximumHeight: wishes.maximumHeight)
            {
                let (width, height) = window.size
                guard set == "train" else {
                    measured += measuring.filter {
                        $0.fits(width: width, height: height, sampling: clip.sampling)
                    }.map { PlannedPair(window, $0, set: set) }
                    continue
                }
                let hand = deck.hand(
                    of: wishes.recipesPerWindow, for: window.name, width: width, height: height,
                    sampling: clip.sampling)
                for (index, recipe) in hand.enumerated() {
                    rounds[index].append(PlannedPair(window, recipe, set: set))
                }
            }
        }
        var random = RandomSource(seed: UInt64(wishes.seed))
        pairs = measured + rounds.flatMap { $0.shuffled(using: &random) }
    }
}
