// The mix of recipes: the same for the same seed, and as asked for.
import Media
import Testing

@testable import Enhancement

@Suite("Recipes")
struct RecipeDeckTests {
    private let everything = Set(Recipe.Codec.allCases), all = Set(Recipe.Control.allCases)

    private func hand(_ deck: RecipeDeck, of count: Int = 8, _ name: String = "a") -> [Recipe] {
        deck.hand(of: count, for: name, width: 416, height: 240, sampling: .yuv420)
    }

    @Test("Equal seeds deal equal hands, other seeds and other clips others")
    func seeds() throws {
        func dealt(_ seed: Int, _ name: String) throws -> [Recipe] {
            hand(try #require(RecipeDeck(codecs: everything, controls: all, seed: seed)), name)
        }
        #expect(try dealt(1, "a") == dealt(1, "a"))
        #expect(try dealt(1, "a") != dealt(2, "a"))
        #expect(try dealt(1, "a") != dealt(1, "b"))
    }

    @Test("Many hands hold every codec in its share, second generations and enlarged ones too")
    func mix() throws {
        let deck = try #require(RecipeDeck(codecs: everything, controls: all, seed: 3))
        let dealt = (0..<200).flatMap { hand(deck, "clip\($0)") }
        #expect(dealt.count == 1600)
        func share(_ isCounted: (Recipe) -> Bool) -> Double {
            Double(dealt.count(where: isCounted)) / Double(dealt.count)
        }
        for codec in Recipe.Codec.allCases {
            let part = share { $0.codec == codec }
            #expect(part > 0.02 && part < 0.45, "\(codec): \(part)")
        }
        #expect(abs(share { !$0.first.isEmpty } - 0.08) < 0.02)
        #expect(abs(share { $0.enlargement != nil } - 0.04) < 0.015)
        #expect(share { $0.options.contains { ["bf", "bframes"].contains($0.key) } } > 0.2)
        let controls = Set(dealt.map(\.kind.control))
        #expect(controls == all)
    }

    @Test("Even one hand mixes codecs, and holds nothing twice")
    func oneHand() throws {
        let deck = try #require(RecipeDeck(codecs: everything, controls: all, seed: 1))
        for name in 0..<50 {
            let recipes = hand(deck, "clip\(name)")
            #expect(Set(recipes).count == 8)
            #expect(Set(recipes.map(\.codec)).count >= 4, "\(recipes.map(\.description))")
        }
    }

    @Test("Codecs and controls restrict every generation; what no encoder knows is no deck")
    func restrictions() throws {
        let deck = try #require(RecipeDeck(codecs: [.x264, .mpeg2], controls: [.abr], seed: 1))
        let dealt = (0..<40).flatMap { hand(deck, of: 4, "\($0)") }.flatMap { [$0] + $0.first }
        #expect(Set(dealt.map(\.codec)) == [.x264, .mpeg2])
        #expect(Set(dealt.map(\.kind.control)) == [.abr])
        #expect(RecipeDeck(codecs: [.jpeg], controls: [.crf], seed: 1) == nil)
    }

    @Test("Clips of full chroma get encoders that keep it, wide ones are not enlarged")
    func fitting() throws {
        let deck = try #require(RecipeDeck(codecs: everything, controls: all, seed: 1))
        for name in 0..<30 {
            let hand = deck.hand(
                of: 8, for: "\(name)", width: 854, height: 480, sampling: .yuv444)
            #expect(hand.count == 8)
            for recipe in hand {
                let keepsChroma = ([recipe] + recipe.first).allSatisfy { $0.codec.keepsFullChroma }
                #expect(keepsChroma)
                #expect((recipe.enlargement?.factor ?? 1) * 854 <= 1000)
            }
        }
    }
}
