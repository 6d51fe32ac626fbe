import Testing

@testable import Interaction

@Suite("The alphabet of labels")
struct GlyphsTests {
    @Test("It has every letter of every verb, thing and score")
    func complete() {
        let texts = HICO.triplets.map(\.phrase) + COCO.categories + ["0123456789.", "+ 3"]
        for letter in Set(texts.joined()) { #expect(Glyphs.has(letter), "\(letter)") }
    }

    @Test("No two letters look alike, and none is empty or leaves its box")
    func distinct() {
        let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,-_:/()'+%&?"
        let looks = letters.map(Glyphs.rows)
        #expect(Set(looks).count == letters.count)
        #expect(looks.allSatisfy { $0.count == Glyphs.height && $0.contains { $0 > 0 } })
        #expect(looks.allSatisfy { $0.allSatisfy { $0 < 32 } })
    }

    @Test("What it lacks is a frame")
    func missing() { #expect(!Glyphs.has("ü") && Glyphs.rows(of: "ü") == Glyphs.rows(of: "漢")) }
}
