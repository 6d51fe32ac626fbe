// Worlds of Gymnasium, each in a Python of its own that is spoken to over a pipe.
import FileNames
import Glibc
import Policy
import Tensors
import Terminal

/// An environment of Gymnasium, simulated by `Scripts/gymnasium-pipe.py`.
///
/// The Python that runs it is the one that the environment variable PERCEPT_GYMNASIUM names, else `python3`.
final class GymnasiumWorld: Environment {
    let name: String
    let stateCount: Int, box: ActionBox
    private let child: ChildProgram
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
        guard let child = ChildProgram([python, script, name]) else {
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
