import Glibc
import Terminal
import Testing

/// Signals are of the whole process, so each test forks a child in which nothing but the handler runs.
@Suite(.serialized) struct SignalsTests {
    /// The status of a child that installs the handler, does `work`, and exits.
    private func child(_ work: () -> Int32) -> Int32 {
        Signals.install()
        let pid = forkProcess()
        if pid == 0 {
            // Once more, because the threads that run tests block signals.
            Signals.install()
            _exit(work())
        }
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : -(status & 0x7F)
    }

    @Test("The first signal only asks, and the status tells which it was")
    func first() {
        for (number, code) in [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)] {
            let status = child {
                if Signals.isStopRequested { return 1 }
                kill(getpid(), number)
                return Signals.isStopRequested ? Signals.exitCode!.rawValue : 2
            }
            #expect(status == code)
        }
    }

    @Test("The second signal stops at once and removes unfinished files only")
    func second() throws {
        let paths = (0..<2).map { _ in
            var template = Array("/tmp/percept-part-XXXXXX".utf8CString)
            close(mkstemp(&template))
            return String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
        }
        defer { paths.forEach { unlink($0) } }
        paths.forEach(Signals.removeIfKilled)
        Signals.keep(paths[1])
        let status = child {
            kill(getpid(), SIGTERM)
            kill(getpid(), SIGINT)
            return 0
        }
        #expect(status == 130)
        #expect(access(paths[0], F_OK) != 0 && access(paths[1], F_OK) == 0)
        Signals.keep(paths[0])
    }

    @Test("A closed pipe is an error of write")
    func brokenPipe() {
        let status = child {
            var ends: [Int32] = [0, 0]
            pipe(&ends)
            close(ends[0])
            return writeAll([1], to: ends[1]) ? 1 : errno
        }
        #expect(status == EPIPE)
    }
}

/// Swift hides fork, because most of what a child does is not safe there; here it only signals itself.
private func forkProcess() -> pid_t {
    typealias Fork = @convention(c) () -> pid_t
    return unsafeBitCast(dlsym(nil, "fork"), to: Fork.self)()
}
