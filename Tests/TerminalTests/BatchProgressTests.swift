import Terminal
import Testing

@Suite struct BatchProgressTests {
    /// Four jobs, two at a time, of 100 frames at ten frames a second each.
    private func batch(
        mode: Progress.Mode, isInteractive: Bool, height: Int = 24, step: Double = 0.1
    ) -> RecordingSink {
        let clock = HandClock(), sink = RecordingSink()
        let progress = BatchProgress(
            total: 4, cost: 400, mode: mode,
            console: sink.console(isInteractive: isInteractive, width: 100, height: height),
            clock: clock.read)
        for pair in 0..<2 {
            let jobs = (0..<2).map {
                progress.begin(job: "clip\(2 * pair + $0).mp4", cost: 100, total: 100)
            }
            for done in 1...100 {
                clock.advance(step)
                for job in jobs { progress.update(job: job, done: done) }
            }
            for job in jobs { progress.finish(job: job) }
            if pair == 0, let first = jobs.first { progress.update(job: first, done: 1) }
        }
        progress.finish()
        return sink
    }

    private func objects(_ text: String) throws -> [JSONValue] {
        try text.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    }

    @Test("Programs get a JSON object a second for each running job and for all")
    func jsonLines() throws {
        let values = try objects(batch(mode: .auto, isInteractive: false).text)
        let all = values.filter { $0["job"]?.text == "all" && $0["event"]?.text == "progress" }
        #expect((18...20).contains(all.count))
        for value in all {
            let (share, eta) = (try #require(value["share"]?.double), value["eta"]?.double)
            #expect(abs(try #require(eta) - 20 * (1 - share)) <= 1.1)
            #expect(value["total"]?.integer == 4)
        }
        #expect(all[4]["running"]?.integer == 2 && all[4]["done"]?.integer == 0)
        #expect(abs(try #require(all[4]["share"]?.double) - 0.25) < 0.03)
        for job in 0..<4 {
            let own = values.filter { $0["job"]?.text == "clip\(job).mp4" }
            #expect((9...11).contains(own.count))
            #expect(own.dropLast().allSatisfy { abs($0["fps"]!.double! - 10) < 0.1 })
            #expect(own.last?["event"]?.text == "finished" && own.last?["done"]?.integer == 100)
        }
        let last = try #require(values.last)
        #expect(last["event"]?.text == "finished" && last["job"]?.text == "all")
        #expect(last["share"]?.double == 1 && last["done"]?.integer == 4)
    }

    @Test("People get a line for each running job and one for all, which leave nothing behind")
    func lines() {
        let clock = HandClock(), sink = RecordingSink()
        let console = sink.console(isInteractive: true, width: 90)
        let progress = BatchProgress(
            total: 12, cost: 1000, done: 3, doneCost: 250, console: console, clock: clock.read)
        let short = progress.begin(job: "a.mp4", cost: 100, total: 200)
        let long = progress.begin(job: "longer\u{1B}.mp4", cost: 100, total: nil)
        clock.advance(10)
        progress.update(job: long, done: 50)
        clock.advance(0.25)
        progress.update(job: short, done: 123)
        console.print("a message")
        let shown = VirtualScreen(sink.text, width: 90)
        #expect(!shown.hasWrapped)
        let cells = String(repeating: "#", count: 17) + String(repeating: "·", count: 11)
        #expect(
            shown.lines == [
                "a message",
                "a.mp4          [\(cells)]  61 %  123/200 frames  12.0 fps  6.4 s left",
                "longer\\x1b.mp4  50 frames  5.0 fps",
                "3/12 done  31 %  2 running  about 2 min left",
            ])
        progress.finish()
        #expect(VirtualScreen(sink.text, width: 90).lines.filter { $0 != "" } == ["a message"])
    }

    @Test("Lines are redrawn at most ten times a second")
    func rateLimit() {
        let sink = batch(mode: .bar, isInteractive: true, step: 0.01)
        // Two seconds; each drawing has one line for all.
        #expect((15...22).contains(sink.text.split(separator: " done  ").count))
    }

    @Test("A low window shows the line for all, whatever is cut")
    func lowWindow() {
        let sink = batch(mode: .bar, isInteractive: true, height: 2)
        #expect(sink.text.contains(" done ") && !sink.text.contains("clip"))
    }

    @Test("Without a terminal a bar is a line now and then; none is nothing")
    func plain() {
        let text = batch(mode: .bar, isInteractive: false, step: 1).text
        #expect(!text.contains("\u{1B}"))
        let lines = text.split(separator: "\n")
        #expect((18...20).contains(lines.count))
        #expect(lines[4].hasPrefix("0/4 done  ") && lines[4].contains("2 running  about "))
        #expect(batch(mode: .none, isInteractive: true).text == "")
    }

    @Test("What an earlier run did counts as done, and not for the rate")
    func resumed() throws {
        let clock = HandClock(), sink = RecordingSink()
        let progress = BatchProgress(
            total: 10, cost: 1000, done: 8, doneCost: 800, mode: .json,
            console: sink.console(isInteractive: false), clock: clock.read)
        let job = progress.begin(job: "i", cost: 100, total: 100, done: 50)
        clock.advance(10)
        progress.update(job: job, done: 60)
        // 10 units of cost in 10 seconds, 140 are left.
        let values = try objects(sink.text)
        let own = try #require(values.first { $0["job"]?.text == "i" })
        #expect(own["fps"]?.double == 1 && own["eta"]?.double == 40)
        let all = try #require(values.first { $0["job"]?.text == "all" })
        #expect(all["eta"]?.double == 140 && all["share"]?.double == 0.86)
        #expect(all["done"]?.integer == 8)
    }

    @Test("A job that broke off leaves the batch with what it has not spent")
    func brokenOff() throws {
        let clock = HandClock(), sink = RecordingSink()
        let progress = BatchProgress(
            total: 2, cost: 200, mode: .json, console: sink.console(isInteractive: false),
            clock: clock.read)
        let job = progress.begin(job: "i", cost: 100, total: 100)
        clock.advance(0.5)
        progress.update(job: job, done: 10)
        clock.advance(9.5)
        progress.finish(job: job, isComplete: false)
        let all = try #require(try objects(sink.text).last)
        #expect(all["job"]?.text == "all" && all["done"]?.integer == 1)
        #expect(all["eta"]?.double == 100 && all["share"]?.double == 0.0909)
    }

    @Test("Calls from many threads at once lose nothing")
    func threads() async throws {
        let sink = RecordingSink()
        let progress = BatchProgress(
            total: 64, cost: 64, mode: .json, console: sink.console(isInteractive: false))
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<64 {
                group.addTask {
                    let job = progress.begin(job: "\(index)", cost: 1, total: 100)
                    for done in 1...100 { progress.update(job: job, done: done) }
                    progress.finish(job: job)
                }
            }
        }
        progress.finish()
        let values = try objects(sink.text)
        #expect(values.filter { $0["event"]?.text == "finished" }.count == 65)
        #expect(values.last?["done"]?.integer == 64 && values.last?["running"]?.integer == 0)
    }
}
