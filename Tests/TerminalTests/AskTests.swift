import Glibc
import Terminal
import Testing

@Suite struct AskTests {
    @Test("Nothing is asked when the answer is known or nobody is there")
    func unattended() {
        let sink = RecordingSink()
        let console = sink.console(isInteractive: true)
        #expect(ask("Go?", default: false, assumed: true, console: console) == .yes)
        #expect(ask("Go?", default: true, assumed: false, console: console) == .no)
        var ends: [Int32] = [0, 0]
        pipe(&ends)
        #expect(ask("Go?", default: true, console: console, input: ends[0]) == .nobody)
        ends.forEach { close($0) }
        #expect(sink.text == "")
    }

    @Test(
        "An answer on a terminal is understood, and asked for again where it is not",
        arguments: [
            ("y\n", true, Reply.yes), ("NO\n", true, .no), ("\n", true, .yes), ("\n", false, .no),
            ("maybe\nYes\n", false, .yes), ("\u{4}", true, .no),
        ])
    func terminal(typed: String, fallback: Bool, reply: Reply) throws {
        // Glibc's module hides posix_openpt, so its two ioctls are made here.
        let (unlock, getNumber): (UInt, UInt) = (0x4004_5431, 0x8004_5430)
        let main = open("/dev/ptmx", O_RDWR | O_NOCTTY)
        var isLocked: Int32 = 0
        var number: Int32 = 0
        try #require(main >= 0)
        try #require(ioctl(main, unlock, &isLocked) == 0 && ioctl(main, getNumber, &number) == 0)
        let terminal = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        try #require(terminal >= 0)
        defer {
            close(terminal)
            close(main)
        }
        let console = RecordingSink().console(isInteractive: true)
        writeAll(Array(typed.utf8), to: main)
        #expect(ask("Go?", default: fallback, console: console, input: terminal) == reply)
    }
}
