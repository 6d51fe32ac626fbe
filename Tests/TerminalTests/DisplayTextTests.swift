import Terminal
import Testing

@Suite struct DisplayTextTests {
    @Test("Wide characters take two columns, combining marks none")
    func width() {
        #expect(displayWidth("abc") == 3)
        #expect(displayWidth("映画") == 4)
        #expect(displayWidth("e\u{301}") == 1)
        #expect(displayWidth("🎬") == 2)
        #expect(displayWidth("한글") == 4)
        #expect(displayWidth("\u{200B}") == 0)
    }

    @Test("Cut text fits, whatever it is made of")
    func cutting() {
        let pieces = ["a", "映", "🎬", "e\u{301}", " ", "…"]
        for _ in 0..<300 {
            let text = (0..<Int.random(in: 0...20)).map { _ in pieces.randomElement()! }.joined()
            let width = Int.random(in: 0...25)
            let cut = truncated(text, toWidth: width)
            #expect(displayWidth(cut) <= width)
            #expect(displayWidth(text) > width || cut == text)
            #expect(displayWidth(padded(cut, toWidth: width)) == width)
        }
    }

    @Test("Wrapping keeps every word and the width")
    func wrapping() {
        let text = "one two three four five six seven eight nine ten"
        for width in 5...40 {
            let lines = wrapped(text, toWidth: width)
            #expect(lines.joined(separator: " ") == text)
            #expect(lines.allSatisfy { displayWidth($0) <= width })
        }
        #expect(wrapped("", toWidth: 10) == [])
        #expect(wrapped("extraordinary a", toWidth: 5) == ["extraordinary", "a"])
    }

    @Test("Control characters are shown, not obeyed")
    func controls() {
        #expect(printable("a\u{1B}]0;x\u{7}\n\u{9B}\u{202E}é") == "a\\x1b]0;x\\x07\\n\\x9b\\x202eé")
    }
}
