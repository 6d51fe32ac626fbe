import Terminal
import Testing

@Suite struct ConsoleTests {
    @Test("A message goes above the status line, which is drawn again")
    func messages() {
        let sink = RecordingSink()
        let console = sink.console(isInteractive: true)
        console.setStatus("50 %")
        console.print("hello")
        console.setStatus("")
        #expect(sink.text == "50 %\r\u{1B}[2Khello\n50 %\r\u{1B}[2K")
    }

    @Test("Nothing is redrawn where nothing can be")
    func plain() {
        let sink = RecordingSink()
        let console = sink.console(isInteractive: false)
        console.setStatus("50 %")
        console.print("hello")
        #expect(sink.text == "hello\n")
    }

    @Test("Whatever was drawn, the screen shows the messages and below them the last status")
    func manyLines() {
        var random = Xorshift(state: 0xDEAD_BEEF_CAFE)
        let sink = RecordingSink()
        let console = sink.console(isInteractive: true, width: 12, height: 6)
        var messages: [String] = [], status: [String] = []
        for step in 0..<200 {
            if random.below(3) == 0 {
                messages.append("message \(step)")
                console.print("message \(step)")
            } else {
                let lines = (0..<random.below(9)).map { "\(step) line \($0) of some" }
                status = lines.suffix(5).map { truncated($0, toWidth: 11) }
                console.setStatus(lines: lines)
            }
            let screen = VirtualScreen(sink.text, width: 12)
            var shown = screen.lines
            while shown.last == "" { shown.removeLast() }
            #expect(shown == messages + status)
            #expect(!screen.hasWrapped)
        }
        console.setStatus(lines: [])
        #expect(VirtualScreen(sink.text, width: 12).lines.filter { !$0.isEmpty } == messages)
    }

    @Test("The same lines again are not drawn again")
    func unchanged() {
        let sink = RecordingSink()
        let console = sink.console(isInteractive: true)
        console.setStatus(lines: ["a", "b"])
        console.setStatus(lines: ["a", "b"])
        #expect(sink.text == "a\nb")
        console.setStatus("c")
        #expect(sink.text == "a\nb\r\u{1B}[2K\u{1B}[A\u{1B}[2Kc")
    }

    @Test("Colour needs a terminal, a capable one, and no NO_COLOR")
    func colour() {
        func style(_ isTerminal: Bool, _ environment: [String: String]) -> Bool {
            Style(isTerminal: isTerminal, environment: { environment[$0] }).isEnabled
        }
        #expect(style(true, ["TERM": "xterm"]))
        #expect(style(true, ["TERM": "xterm", "NO_COLOR": ""]))
        #expect(!style(true, ["TERM": "xterm", "NO_COLOR": "1"]))
        #expect(
            !style(true, ["TERM": "dumb"]) && !style(true, [:]) && !style(false, ["TERM": "xterm"]))
        #expect(Style(isEnabled: true).red("x") == "\u{1B}[31mx\u{1B}[0m")
        #expect(Style(isEnabled: false).red("x") == "x")
    }
}
