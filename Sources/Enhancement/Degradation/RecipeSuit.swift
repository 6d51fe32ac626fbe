// The recipes of one codec and control, and how often they are met.
import Glibc
import Media
import Tensors

/// A part of the deck: recipes that differ in rate and settings.
struct RecipeSuit: Sendable {
    /// Parts of the deck.
    let parts: Int
    let codec: Recipe.Codec, control: Recipe.Control
    /// Draws one recipe.
    let deal: @Sendable (inout RandomSource) -> Recipe

    /// Suits of the same codec lie side by side, so that a hand spread over the deck has them all.
    static let all: [RecipeSuit] =
        [
            x26x(19, .x264, .crf), x26x(7, .x264, .abr), x26x(7, .x264, .twoPass),
            x26x(9, .x264, .qp), x26x(14, .x265, .crf), x26x(5, .x265, .abr),
            x26x(4, .x265, .twoPass), x26x(8, .x265, .qp),
        ] + vp9 + av1 + mpeg + [
            RecipeSuit(parts: 6, codec: .jpeg, control: .qp) { random in
                var recipe = Recipe(.jpeg, .qscale, Double(random.pick(Array(2...24))))
                recipe.container = random.pick([.avi, .matroska])
                return recipe
            }
        ]

    /// Encoded twice, in half of the cases enlarged in between; empty where no suit can be the last.
    static func secondGenerations(of suits: [RecipeSuit]) -> [RecipeSuit] {
        let known = suits.filter { $0.codec != .jpeg }
        let modern = known.filter { [.x264, .x265, .vp9, .av1].contains($0.codec) }
        let last = modern.isEmpty ? known : modern
        guard let any = last.first else { return [] }
        return [false, true].map { isEnlarged in
            RecipeSuit(parts: 5, codec: any.codec, control: any.control) { random in
                let before = draw(from: known, &random)
                var recipe = draw(from: last, &random)
                recipe.first = [before]
                guard isEnlarged else { return recipe }
                recipe.enlargement = Recipe.Enlargement(
                    factor: random.pick([1.3, 1.5, 1.5, 1.8, 2.0]),
                    filter: random.pick([.bilinear, .bicubic, .bicubic, .lanczos]))
                return recipe
            }
        }
    }

    private static func draw(from suits: [RecipeSuit], _ random: inout RandomSource) -> Recipe {
        var left = random.index(below: suits.reduce(0) { $0 + $1.parts })
        for suit in suits {
            left -= suit.parts
            if left < 0 { return suit.deal(&random) }
        }
        preconditionFailure("suits have parts")
    }

    private static func x26x(
        _ parts: Int, _ codec: Recipe.Codec, _ kind: Recipe.Kind
    ) -> RecipeSuit {
        RecipeSuit(parts: parts, codec: codec, control: kind.control) { random in
            let rate =
                switch kind {
                case .crf: Double(random.pick(Array(24...38)))
                case .qp: Double(random.pick([22, 27, 32, 37, 37, 42]))
                default: random.bitsPerPixel()
                }
            var recipe = Recipe(codec, kind, rate)
            recipe.preset = random.pick(["veryfast", "faster", "fast", "medium", "medium", "slow"])
            recipe.container = random.pick([.matroska, .matroska, .mp4])
            recipe.isBuffered = kind == .abr && random.uniform() < 0.5
            let (gop, frames) = codec == .x264 ? ("g", "bf") : ("keyint", "bframes")
            recipe.options = [.init(gop, random.pick(["250", "250", "250", "48", "24", "12"]))]
            // The preset's own number of B-frames is what most people have.
            let count = random.pick(["", "", "", "0", "1", "2", "5", "8"])
            if !count.isEmpty { recipe.options.append(.init(frames, count)) }
            if kind != .qp {
                recipe.options.append(
                    .init("aq-mode", random.pick(["0", "1", "1", "1", "2", "3"])))
            }
            if codec == .x264, kind != .qp, random.uniform() < 0.2 {
                let tunes = ["film", "animation", "grain", "zerolatency", "stillimage"]
                recipe.options.append(.init("tune", random.pick(tunes)))
            }
            return recipe
        }
    }

    private static let vp9: [RecipeSuit] = [
        RecipeSuit(parts: 4, codec: .vp9, control: .crf) {
            vp9(.crf, Double($0.pick(Array(28...55))), &$0)
        },
        RecipeSuit(parts: 5, codec: .vp9, control: .abr) { vp9(.twoPass, $0.bitsPerPixel(), &$0) },
        RecipeSuit(parts: 2, codec: .vp9, control: .abr) { vp9(.abr, $0.bitsPerPixel(), &$0) },
        RecipeSuit(parts: 1, codec: .vp9, control: .qp) {
            vp9(.qp, Double($0.pick(Array(20...56))), &$0)
        },
    ]

    private static func vp9(
        _ kind: Recipe.Kind, _ rate: Double, _ random: inout RandomSource
    ) -> Recipe {
        var recipe = Recipe(.vp9, kind, rate)
        recipe.preset = random.pick(kind == .abr ? ["5", "6", "7", "8"] : ["1", "2", "4"])
        recipe.container = random.pick([.webm, .matroska])
        if kind != .abr {
            // Frames that are not shown, from the future, are libvpx's B-frames.
            recipe.options = [.init("auto-alt-ref", random.pick(["1", "1", "0"]))]
        }
        return recipe
    }

    private static let av1: [RecipeSuit] = [
        RecipeSuit(parts: 4, codec: .av1, control: .crf) {
            av1(.crf, Double($0.pick(Array(30...60))), &$0)
        },
        RecipeSuit(parts: 2, codec: .av1, control: .abr) { av1(.abr, $0.bitsPerPixel(), &$0) },
        RecipeSuit(parts: 1, codec: .av1, control: .qp) {
            av1(.qp, Double($0.pick(Array(30...60))), &$0)
        },
    ]

    private static func av1(
        _ kind: Recipe.Kind, _ rate: Double, _ random: inout RandomSource
    ) -> Recipe {
        var recipe = Recipe(.av1, kind, rate)
        recipe.preset = random.pick(["4", "6", "8", "10"])
        recipe.container = random.pick([.matroska, .webm, .mp4])
        recipe.options = [.init("g", random.pick(["250", "250", "48", "24"]))]
        return recipe
    }

    /// Two passes are left to Xvid: FFmpeg 5.1's own encoder crashes where it finds a rate too low.
    private static let mpeg: [RecipeSuit] =
        [Recipe.Codec.mpeg4, .xvid].flatMap { codec in
            [
                RecipeSuit(parts: 4, codec: codec, control: .qp) {
                    mpeg4(codec, .qscale, Double($0.pick(Array(3...31))), &$0)
                },
                RecipeSuit(parts: 1, codec: codec, control: .abr) {
                    mpeg4(codec, codec == .xvid ? .twoPass : .abr, $0.bitsPerPixel(times: 2), &$0)
                },
            ]
        } + [
            RecipeSuit(parts: 3, codec: .mpeg2, control: .qp) {
                mpeg2(.qscale, Double($0.pick(Array(3...31))), &$0)
            },
            RecipeSuit(parts: 2, codec: .mpeg2, control: .abr) {
                mpeg2(.abr, $0.bitsPerPixel(times: 3), &$0)
            },
        ]

    private static func mpeg4(
        _ codec: Recipe.Codec, _ kind: Recipe.Kind, _ rate: Double, _ random: inout RandomSource
    ) -> Recipe {
        var recipe = Recipe(codec, kind, rate)
        // FFmpeg's wrapper of Xvid loses the last frames when it reorders.
        let frames = codec == .mpeg4 ? random.pick(["0", "0", "1", "2"]) : "0"
        recipe.options = [
            .init("bf", frames), .init("g", random.pick(["12", "60", "250"])),
            .init("trellis", random.pick(["0", "1"])),
        ]
        // The index of AVI has no presentation order.
        recipe.container = random.pick(
            frames == "0" ? [.avi, .avi, .matroska] : [.matroska, .mp4])
        return recipe
    }

    private static func mpeg2(
        _ kind: Recipe.Kind, _ rate: Double, _ random: inout RandomSource
    ) -> Recipe {
        var recipe = Recipe(.mpeg2, kind, rate)
        recipe.options = [
            .init("bf", random.pick(["0", "2", "2"])), .init("g", random.pick(["12", "15"])),
        ]
        recipe.container = random.pick([.matroska, .mpegTS])
        return recipe
    }
}

extension RandomSource {
    /// One of `choices`.
    mutating func pick<Choice>(_ choices: [Choice]) -> Choice {
        choices[index(below: choices.count)]
    }

    /// Bits per pixel between 0.02 and 0.15, even on a logarithmic scale, in steps of 0.0001; more by
    /// `factor` for codecs that need more.
    mutating func bitsPerPixel(times factor: Double = 1) -> Double {
        (200 * factor * pow(7.5, uniform())).rounded() / 10_000
    }
}
