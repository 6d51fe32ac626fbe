// Text and paths cannot break out of the page.
import Testing

@testable import Batch

@Suite("Text and paths of the report")
struct ReportTextTests {
    @Test("Text is no markup, even where a mark makes a quote another character")
    func text() {
        #expect(html("a<b> & \"c\" 'd'") == "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;")
        #expect(html("\"\u{301}<\u{338}") == "&quot;\u{301}&lt;\u{338}")
        #expect(html("line\nnext\u{202E}\u{EFFF}") == "line\\nnext\\x202e\\xff")
    }

    @Test("Text is cut by bytes, and never inside of an entity")
    func cut() {
        #expect(html("abc", limit: 3) == "abc")
        #expect(html("abcd", limit: 3) == "abc…")
        #expect(html("\"\"", limit: 11) == "&quot;…")
        #expect(html("éé", limit: 3) == "é…")
    }

    @Test("Addresses keep every byte of a path, and stay in the folder")
    func addresses() {
        #expect(address("a/b c#?%:\"é\u{EFFF}.png") == "a/b%20c%23%3F%25%3A%22%C3%A9%FF.png")
        for path in ["../a", "a/../../b", "/etc/a", "//host/a", "a//b", "a/..", ""] {
            #expect(address(path) == nil, "\(path)")
        }
        #expect(address("...") == "...")
        #expect(address("ab c", limit: 6) == "ab%20c")
        #expect(address("ab c", limit: 5) == nil)
    }

    @Test("Numbers keep about three digits")
    func numbers() {
        let texts = [0, 0.01234, 0.5, 9.99, 12.34, 123.4, -5.0, .nan].map { shown($0) }
        #expect(texts == ["0.00", "0.0123", "0.50", "9.99", "12.3", "123", "-5.00", "n/a"])
    }
}
