// A program that runs beside this one and is spoken to over pipes.
import Glibc
import Synchronization

/// A program that is written to and read from; it gets an end of input when this goes.
final class ChildProgram {
    private let process: pid_t, input: Int32, output: Int32

    /// Starts a program that is found on PATH; nil where it cannot be run.
    init?(_ words: [String]) {
        // One start at a time: a child that inherited another's pipe would keep that from ever ending.
        let started = Self.starting.withLock { _ in Self.start(words) }
        guard let started else { return nil }
        (process, input, output) = started
    }

    private static let starting = Mutex(())

    private static func start(_ words: [String]) -> (process: pid_t, input: Int32, output: Int32)? {
        var (down, up): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard pipe(&down) == 0 else { return nil }
        guard pipe(&up) == 0 else {
            for end in down { close(end) }
            return nil
        }
        for end in down + up { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, down[0], 0)
        posix_spawn_file_actions_adddup2(&actions, up[1], 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var child: pid_t = 0
        let code = posix_spawnp(&child, words[0], &actions, nil, &arguments, environ)
        close(down[0])
        close(up[1])
        guard code == 0 else {
            close(down[1])
            close(up[0])
            return nil
        }
        return (child, down[1], up[0])
    }

    deinit {
        close(input)
        close(output)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    /// Writes all bytes; false where nobody reads.
    func write(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// So many bytes; nil where there are fewer.
    func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let found = bytes.withUnsafeMutableBytes {
                Glibc.read(output, $0.baseAddress.map { $0 + done }, count - done)
            }
            if found < 0, errno == EINTR { continue }
            guard found > 0 else { return nil }
            done += found
        }
        return bytes
    }

    /// What else comes, up to a line's worth.
    func rest() -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < 400, let byte = read(1) { bytes += byte }
        return bytes
    }
}
