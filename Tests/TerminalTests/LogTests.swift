import Glibc
import Terminal
import Testing

@Suite struct LogTests {
    private func messages(_ level: Log.Level) -> String {
        let sink = RecordingSink()
        let log = Log(level: level, console: sink.console(isInteractive: false))
        log.error("e")
        log.warning("w")
        log.info("i")
        log.detail("d")
        log.debug("b")
        return sink.text
    }

    @Test("Each level shows itself and what matters more")
    func levels() {
        #expect(messages(Log.level(quiet: true, verbose: 0)) == "error: e\n")
        #expect(messages(Log.level(quiet: false, verbose: 0)) == "error: e\nwarning: w\ni\n")
        #expect(messages(Log.level(quiet: false, verbose: 1)) == "error: e\nwarning: w\ni\nd\n")
        #expect(messages(Log.level(quiet: false, verbose: 2)) == "error: e\nwarning: w\ni\nd\nb\n")
    }

    @Test("A message is one line, and cannot command the terminal")
    func oneLine() {
        let sink = RecordingSink()
        Log(console: sink.console(isInteractive: false)).info("a\nb\u{1B}[2J")
        #expect(sink.text == "a\\nb\\x1b[2J\n")
    }

    @Test("The file keeps details with times, even when the console is quiet")
    func file() throws {
        var template = Array("/tmp/percept-log-XXXXXX".utf8CString)
        close(mkstemp(&template))
        let path = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
        defer { unlink(path) }
        let sink = RecordingSink()
        do {
            let log = try Log(
                level: .error, console: sink.console(isInteractive: false), file: path,
                now: { "2026-03-01T12:00:00.000Z" })
            log.warning("careful")
            log.debug("unseen")
        }
        let file = try #require(fopen(path, "r"))
        var buffer = [CChar](repeating: 0, count: 200)
        _ = fread(&buffer, 1, 199, file)
        fclose(file)
        let text = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        #expect(text == "2026-03-01T12:00:00.000Z warning careful\n")
        #expect(sink.text == "")
    }

    @Test("A file that cannot be opened is 73 with its name")
    func unwritable() {
        do {
            _ = try Log(level: .info, file: "/nonexistent/a.log")
            Issue.record("opened")
        } catch {
            #expect(error.exitCode == 73)
            #expect("\(error)".contains("/nonexistent/a.log: No such file"))
        }
    }

    @Test("Timestamps are RFC 3339 in UTC")
    func timestamp() {
        #expect(timestampNow().wholeMatch(of: /20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    }
}
