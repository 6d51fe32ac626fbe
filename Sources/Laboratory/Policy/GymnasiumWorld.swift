// Worlds of Gymnasium, each in a Python of its own that is spoken to over a pipe.
import FileNames
import Glibc
import Policy
import Synchronization
import Tensors
import Terminal

/// An environment of Gymnasium, simulated by `Scripts/gymnasium-pipe.py`.
///
/// The Python that runs it is the one that the environment variable PERCEPT_GYMNASIUM names, else `python3`.
final class GymnasiumWorld: Environment {
    let name: String
    let stateCount: Int, box: ActionBox
    private let child: Child
    private var episodes: UInt64 = 0

    /// A world.
    ///
    /// - Parameter other: Another Python.
    /// - Throws: ``WorldError`` where Python, the script, Gymnasium or the world is missing.
    init(_ name: String, python other: String? = nil) throws(WorldError) {
        self.name = name
        guard let script = Self.script else {
            throw .missing(
                "Scripts/gymnasium-pipe.py is not beside the program: run it where it was built")
        }
        let python = other ?? Self.python
        guard let child = Child([python, script, name]) else {
            throw .missing(
                "\(printable(python)) cannot be run; PERCEPT_GYMNASIUM names a Python that has gymnasium"
            )
        }
        self.child = child
        guard let word = child.read(4) else {
            throw .missing(
                "\(printable(python)) ended at once; PERCEPT_GYMNASIUM names a Python that has gymnasium"
            )
        }
        guard word == Array("gym1".utf8), let head = child.read(12) else {
            let reason =
                word == Array("none".utf8)
                ? String(decoding: child.rest(), as: UTF8.self) : "it is no world"
            throw .missing(
                "\(name): \(printable(reason)); 'pip install gymnasium[mujoco]' in a Python that PERCEPT_GYMNASIUM names"
            )
        }
        let numbers = Self.floats(head)
        let counts = numbers.prefix(2).map { Int(Int32(bitPattern: $0.bitPattern)) }
        guard counts[0] > 0, counts[1] > 0, numbers[2] > 0, numbers[2].isFinite else {
            throw .broken(name)
        }
        (stateCount, box) = (counts[0], ActionBox(counts[1], limit: numbers[2]))
    }

    /// The Python that is asked.
    private static var python: String {
        getenv("PERCEPT_GYMNASIUM").map { String(cString: $0) } ?? "python3"
    }

    /// Where the script is: below the folder of the program or one around it, or below the current one.
    private static var script: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let bytes = buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }
        var folder = String(decoding: bytes, as: UTF8.self)
        while let slash = folder.lastIndex(of: "/") {
            folder = String(folder[..<slash])
            let script = "\(folder)/Scripts/gymnasium-pipe.py"
            if access(script, R_OK) == 0 { return script }
        }
        let script = "Scripts/gymnasium-pipe.py"
        return access(script, R_OK) == 0 ? script : nil
    }

    func reset(using random: inout RandomSource) throws -> [Float] {
        let seed = random.next()
        try send([UInt8(ascii: "r")] + (0..<8).map { UInt8(truncatingIfNeeded: seed >> (8 * $0)) })
        return Self.floats(try answer(4 * stateCount))
    }

    func step(_ action: [Float]) throws -> EnvironmentStep {
        var bytes = [UInt8(ascii: "s")]
        for number in action {
            let word = number.bitPattern
            bytes += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
        }
        try send(bytes)
        let bytesBack = try answer(4 * stateCount + 6)
        let numbers = Self.floats(Array(bytesBack.dropLast(2)))
        return EnvironmentStep(
            state: Array(numbers.dropLast()), reward: numbers[stateCount],
            isEnd: bytesBack[bytesBack.count - 2] != 0, isCut: bytesBack[bytesBack.count - 1] != 0)
    }

    private func send(_ bytes: [UInt8]) throws(WorldError) {
        guard child.write(bytes) else { throw .broken(name) }
    }

    private func answer(_ count: Int) throws(WorldError) -> [UInt8] {
        guard let bytes = child.read(count) else { throw .broken(name) }
        return bytes
    }

    /// Little-endian numbers.
    private static func floats(_ bytes: [UInt8]) -> [Float] {
        stride(from: 0, to: bytes.count, by: 4).map { start in
            Float(
                bitPattern: (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << (8 * $1) }
            )
        }
    }
}

/// A world that is not there, or that went away; prints as one line.
enum WorldError: ExitCodeProviding, Hashable {
    /// What it needs is missing: which part, and what to do.
    case missing(String)
    /// It stopped answering.
    case broken(String)

    /// 69 where something is missing, 74 where a world went away.
    var exitCode: Int32 {
        switch self {
        case .missing: ExitCode.unavailable.rawValue
        case .broken: ExitCode.inputOutput.rawValue
        }
    }

    /// One line.
    var description: String {
        switch self {
        case .missing(let what): "skipped: \(what)"
        case .broken(let name):
            "the world \(name) stopped answering: see that Python is not killed, and run it again"
        }
    }
}

/// A program that is written to and read from; it gets an end of input when this goes.
private final class Child {
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
