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
