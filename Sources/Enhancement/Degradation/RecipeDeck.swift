// The mix of recipes, and the hand that each clip is dealt from it.
import Glibc
import Media
import Networks
import Tensors

/// Recipes as people meet them, in parts of about a hundred, restricted to codecs and controls.
public struct RecipeDeck: Sendable {
    private let suits: [RecipeSuit]
    private let seed: Int

    /// A deck of recipes of `codecs`, at rates of `controls`; nil where no encoder knows these.
    public init?(codecs: Set<Recipe.Codec>, controls: Set<Recipe.Control>, seed: Int) {
        var suits = RecipeSuit.all.filter {
            codecs.contains($0.codec) && controls.contains($0.control)
        }
        guard !suits.isEmpty else { return nil }
        suits += RecipeSuit.secondGenerations(of: suits)
        self.suits = suits
        self.seed = seed
    }

    /// `count` different recipes for the clip of this name, in random order.
    ///
    /// The hand is spread evenly over the deck from a random beginning, so that even a single clip
    /// gets a mix; it depends on seed and name alone, so that further clips change no other's.
    func hand(
        of count: Int, for name: String, width: Int, height: Int, sampling: ChromaSampling
    ) -> [Recipe] {
        var random = RandomSource(seed: stableHash("\(seed)/\(name)"))
        let parts = suits.reduce(0) { $0 + $1.parts }
        let start = random.uniform()
        var hand: [Recipe] = []
        for index in 0..<count {
            let position = (Double(index) + start) / Double(count) * Double(parts)
            var suit = 0, passed = Double(suits[0].parts)
            while position >= passed, suit < suits.count - 1 {
                suit += 1
                passed += Double(suits[suit].parts)
            }
            // What does not fit, or is there already, gives way to the next suit.
            for attempt in 0..<4 * suits.count {
                let recipe = suits[(suit + attempt / 4) % suits.count].deal(&random)
                guard recipe.fits(width: width, height: height, sampling: sampling),
                    !hand.contains(recipe)
                else { continue }
                hand.append(recipe)
                break
            }
        }
        return hand.shuffled(using: &random)
    }

    /// What held-out clips are measured with, at medium settings: all the fixed recipes of x264 and x265
    /// that `controls` allow, and the first of every other codec.
    public static func measuring(
        codecs: Set<Recipe.Codec>, controls: Set<Recipe.Control>
    ) -> [Recipe] {
        let all: [(Recipe.Codec, Recipe.Kind, Double, String)] = [
            (.x264, .crf, 32, "medium"), (.x264, .abr, 0.07, "veryfast"),
            (.x264, .qp, 37, "medium"),
            (.x264, .qp, 22, "medium"), (.x265, .crf, 33, "medium"), (.x265, .abr, 0.05, "medium"),
            (.x265, .qp, 37, "medium"), (.x265, .qp, 22, "medium"), (.vp9, .crf, 45, "2"),
            (.vp9, .abr, 0.05, "6"), (.vp9, .qp, 45, "2"), (.av1, .crf, 50, "6"),
            (.av1, .abr, 0.04, "6"), (.av1, .qp, 50, "6"), (.mpeg2, .qscale, 10, ""),
            (.mpeg2, .abr, 0.24, ""), (.mpeg4, .qscale, 10, ""), (.mpeg4, .abr, 0.1, ""),
            (.xvid, .qscale, 10, ""), (.xvid, .twoPass, 0.1, ""), (.jpeg, .qscale, 9, ""),
        ]
        var seen: Set<Recipe.Codec> = []
        return all.compactMap { codec, kind, rate, preset in
            guard codecs.contains(codec), controls.contains(kind.control) else { return nil }
            guard seen.insert(codec).inserted || [.x264, .x265].contains(codec) else { return nil }
            var recipe = Recipe(codec, kind, rate)
            recipe.preset = preset
            return recipe
        }
    }
}

/// The same number for the same text, on every machine and in every run.
func stableHash(_ text: String) -> UInt64 {
    var text = text
    let digits = text.withUTF8 { SHA256(of: UnsafeRawBufferPointer($0)).hexadecimal.prefix(16) }
    return UInt64(digits, radix: 16)!
}
