import Terminal
import Testing

@Suite struct SuggestionTests {
    @Test("Distance counts insertions, deletions, replacements and swaps")
    func distance() {
        #expect(editDistance("", "abc") == 3)
        #expect(editDistance("abc", "abc") == 0)
        #expect(editDistance("abc", "acb") == 1)
        #expect(editDistance("threads", "treads") == 1)
        #expect(editDistance("kitten", "sitting") == 3)
    }

    @Test("Distance is symmetric and obeys the triangle inequality on random words")
    func metric() {
        var generator = SystemRandomNumberGenerator()
        func word() -> String {
            String(
                (0..<Int.random(in: 0...6, using: &generator)).map { _ in "abc".randomElement()! })
        }
        for _ in 0..<300 {
            let (a, b) = (word(), word())
            let d = editDistance(a, b)
            #expect(d == editDistance(b, a))
            #expect(d >= abs(a.count - b.count) && d <= max(a.count, b.count))
            #expect((d == 0) == (a == b))
        }
    }

    @Test("Near misses and beginnings are suggested, far ones are not")
    func suggestions() {
        let names = ["threads", "strength", "strict", "start", "progress"]
        #expect(suggestion(for: "treads", among: names) == "threads")
        #expect(suggestion(for: "Thraeds", among: names) == "threads")
        #expect(suggestion(for: "prog", among: names) == "progress")
        #expect(suggestion(for: "colour", among: names) == nil)
        #expect(suggestion(for: "", among: names) == nil)
        #expect(suggestion(for: "x", among: []) == nil)
    }
}
