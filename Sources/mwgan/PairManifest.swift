// The list of pairs as it grows: one line for each, appended when its files are there.
import Enhancement
import FileNames
import Glibc
import Synchronization
import Terminal

/// `pairs.jsonl` of a folder, which one run at a time may lengthen.
final class PairManifest: Sendable {
    /// The file.
    let path: String
    /// Pairs by name, and the set of each clip, as the list had them at the start.
    let known: Set<String>, sets: [String: String]
    private let descriptor: Int32
    private let turn = Mutex(())

    /// Opens the list of `folder`, or begins one; a line that a killed run left half is cut off.
    ///
    /// - Parameter isReadOnly: whether the list is only looked at, and may be missing.
    /// - Throws: `PairListError` with status 65, 73, 74, or 75 where another run has it.
    init(folder: String, isReadOnly: Bool) throws {
        path = folder + "/pairs.jsonl"
        let flags = isReadOnly ? O_RDONLY : O_RDWR | O_CREAT | O_APPEND
        descriptor = open(path.fileName, flags | O_CLOEXEC, 0o666)
        guard descriptor >= 0 || isReadOnly && errno == ENOENT else {
            throw PairListError(
                path: path, problem: String(cString: strerror(errno)), code: .cannotCreate)
        }
        (known, sets) = descriptor < 0 ? ([], [:]) : try Self.read(descriptor, path, isReadOnly)
    }

    private static func read(
        _ descriptor: Int32, _ path: String, _ isReadOnly: Bool
    ) throws -> (Set<String>, [String: String]) {
        if !isReadOnly, flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            throw PairListError(
                path: path, problem: "another run is adding pairs to it; wait until it is done",
                code: .tryLater)
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = Glibc.read(descriptor, &chunk, chunk.count), count > 0 {
            bytes += chunk[..<count]
        }
        let end = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        if end < bytes.count {
            if !isReadOnly { ftruncate(descriptor, off_t(end)) }
            bytes.removeLast(bytes.count - end)
        }
        var known: Set<String> = []
        var sets: [String: String] = [:]
        for (number, line) in bytes.split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let json = try? JSONValue(parsing: Array(line)), let id = json["id"]?.text,
                let set = json["set"]?.text
            else {
                throw PairListError(
                    path: path, problem: "line \(number + 1) is no pair with id and set",
                    code: .badData)
            }
            known.insert(id)
            if let clip = json["clip"]?.text { sets[clip] = set }
        }
        return (known, sets)
    }

    /// Appends a pair that is not in the list yet.
    ///
    /// - Throws: `PairListError` with status 74.
    func append(_ pair: PlannedPair, _ made: MadePair) throws {
        guard !known.contains(pair.id) else { return }
        let line = Array((json(pair, made).compact + "\n").utf8)
        try turn.withLock { _ in
            guard write(descriptor, line, line.count) == line.count else {
                throw PairListError(
                    path: path, problem: String(cString: strerror(errno)), code: .inputOutput)
            }
        }
    }

    private func json(_ pair: PlannedPair, _ made: MadePair) -> JSONValue {
        func rounded(_ value: Double, _ unit: Double) -> JSONValue {
            .number((value * unit).rounded() / unit)
        }
        let recipe = pair.recipe
        let first = recipe.first.first
        var members: [(String, JSONValue)] = [
            ("id", .string(pair.id)), ("set", .string(pair.set)),
            ("reference", .string(pair.reference)), ("degraded", .string(pair.degraded)),
            ("codec", .string(recipe.codec.rawValue)), ("rate", .number(recipe.rate)),
            ("preset", .string(recipe.preset)),
            ("kind", .string(first == nil ? recipe.kind.rawValue : "second")),
            ("clip", .string(pair.clip)), ("source", .string(pair.source)),
            ("width", .int(made.width)), ("height", .int(made.height)),
            ("frames", .int(made.frames)), ("bits_per_pixel", rounded(made.bitsPerPixel, 1e5)),
            ("psnr_y", rounded(made.decibels, 1000)), ("content", .string("video")),
            ("chroma", .string(made.chroma)),
        ]
        if let step = made.lumaStep { members.append(("luma_step", rounded(step, 100))) }
        if let first { members.append(("first", .string(first.description))) }
        if let larger = recipe.enlargement {
            members.append(("enlarged", .string("\(larger.factor) \(larger.filter.rawValue)")))
        }
        return .object(members)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
