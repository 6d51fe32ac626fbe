import Synchronization
import Terminal
import Testing

/// A clock that goes when it is told to.
final class HandClock: Sendable {
    private let time = Mutex(100.0)
    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
    var read: @Sendable () -> Double { { self.time.withLock { $0 } } }
}

@Suite struct ProgressTests {
    private func job(
        mode: Progress.Mode, isInteractive: Bool, width: Int = 80, total: Int? = 100,
        label: String = "clip.mp4", step: Double = 0.1
    ) -> String {
        let clock = HandClock(), sink = RecordingSink()
        let progress = Progress(
            label, total: total, mode: mode,
            console: sink.console(isInteractive: isInteractive, width: width), clock: clock.read)
        for done in 1...50 {
            clock.advance(step)
            progress.update(done: done)
        }
        progress.finish()
        progress.update(done: 99)
        return sink.text
    }

    @Test("Programs get a JSON object a second with rate and time left, and one at the end")
    func jsonLines() throws {
        let lines = job(mode: .auto, isInteractive: false).split(separator: "\n")
        #expect(lines.count == 5 || lines.count == 6)
        for line in lines {
            let value = try JSONValue(parsing: String(line))
            let rate = try #require(value["fps"]?.double)
            #expect(abs(rate - 10) < 0.1)
            #expect(value["total"]?.integer == 100 && value["job"]?.text == "clip.mp4")
        }
        let last = try JSONValue(parsing: String(lines.last!))
        #expect(last["event"]?.text == "finished" && last["done"]?.integer == 50)
        let first = try JSONValue(parsing: String(lines[0]))
        let (done, eta) = (try #require(first["done"]?.double), try #require(first["eta"]?.double))
        #expect(abs(eta - (100 - done) / 10) <= 0.6)
    }

    @Test("People get a bar on one line that leaves nothing behind")
    func bar() {
        let text = job(mode: .auto, isInteractive: true, total: 50)
        #expect(!text.contains("\n"))
        #expect(text.contains("[####") && text.contains(" s left"))
        #expect(text.contains("100 %  50/50 frames  10.0 fps\r"))
        #expect(text.hasSuffix("\r\u{1B}[2K"))
    }

    @Test("A bar is redrawn at most ten times a second")
    func rateLimit() {
        let draws = job(mode: .auto, isInteractive: true, step: 0.01).split(separator: "\r").count
        #expect((4...8).contains(draws))
    }

    @Test(
        "No drawn line reaches the window's last column, wide characters counted",
        arguments: [20, 40, 80])
    func width(columns: Int) {
        let text = job(
            mode: .bar, isInteractive: true, width: columns, label: "映画の断片.mp4 🎬 very long name")
        for line in text.split(separator: "\r") {
            let shown = line.replacing("\u{1B}[2K", with: "")
            #expect(displayWidth(String(shown)) < columns)
        }
    }

    @Test("A bar without a terminal is a line now and then; none is nothing")
    func plain() {
        let text = job(mode: .bar, isInteractive: false, step: 1)
        #expect(text.split(separator: "\n").count == 5)
        #expect(text.contains("% ") && !text.contains("\u{1B}"))
        #expect(job(mode: .none, isInteractive: true) == "")
    }

    @Test("An unknown total shows what is done and how fast")
    func unknownTotal() {
        let text = job(mode: .bar, isInteractive: true, total: nil, step: 0.2)
        #expect(text.contains("clip.mp4  50 frames  5.0 fps") && !text.contains("left"))
    }
}
