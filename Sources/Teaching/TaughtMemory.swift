// What somebody taught, in a folder.
import FileNames
import Glibc
import Interaction
import Media
import Memory
import Networks
import Tensors
import Terminal

/// The examples of a user, in a folder: looks of people, as they are and mirrored, and what each shows.
///
/// Looks are kept as the detector gave them, before any ``LookSpace``: a better space needs no new photographs, another
/// detector does.
public struct TaughtMemory: Sendable {
    /// The folder.
    public let folder: String
    /// What is stored, in the order in which it was taught.
    public let examples: [TaughtExample]
    private var store: MemoryStore?

    /// Opens a folder; one that is not there, or in which nothing is, is an empty memory, and made when something is taught.
    ///
    /// - Throws: `MemoryStoreError`, ``TaughtMemoryError``.
    public init(contentsOf folder: String) throws {
        self.folder = folder
        if access(folder.fileName, F_OK) != 0 || (try? Folder.names(in: folder)) == [] {
            (examples, store) = ([], nil)
            return
        }
        let store = try MemoryStore(contentsOf: folder)
        examples = try store.names.map { name in
            guard let example = TaughtExample(named: name) else {
                throw TaughtMemoryError(folder, .foreign)
            }
            return example
        }
        self.store = store
    }

    /// The memory of this user: `percept/taught` in `$XDG_DATA_HOME`, or in `~/.local/share`; nil where neither is set.
    ///
    /// - SeeAlso: XDG Base Directory Specification.
    public static func usualFolder(
        _ variable: (String) -> String? = environmentVariable
    ) -> String? {
        // Relative ones are to be ignored, as the specification has it.
        if let data = variable("XDG_DATA_HOME"), data.hasPrefix("/") {
            return "\(data)/percept/taught"
        }
        guard let home = variable("HOME"), home.hasPrefix("/") else { return nil }
        return "\(home)/.local/share/percept/taught"
    }

    /// What was taught, by verb and thing.
    public var triplets: [Triplet] {
        Set(examples.map(\.triplet)).sorted { ($0.verb, $0.object) < ($1.verb, $1.object) }
    }

    /// Refuses examples that another detector saw.
    ///
    /// - Throws: ``TaughtMemoryError``.
    public func check(_ space: LookSpace) throws {
        let others = examples.filter { $0.detector != space.detectorName }
        guard let other = others.first else { return }
        throw TaughtMemoryError(
            folder,
            .otherDetector(
                other.detector, now: space.detectorName, count: others.count,
                of: examples.count))
    }

    /// The looks of all examples, in their order: as they are, and mirrored.
    ///
    /// - Throws: `MemoryStoreError` where patterns are damaged; ``TaughtMemoryError`` where they are none of the space's.
    func looks(in space: LookSpace) throws -> (plain: Tensor<Float>, mirrored: Tensor<Float>) {
        guard let store, !examples.isEmpty else {
            let none = Tensor<Float>(shape: [0, space.lookCount])
            return (none, none)
        }
        let memory = try store.memory()
        guard memory.width == space.lookCount, memory.values.shape[1] == space.lookCount else {
            throw TaughtMemoryError(
                folder, .otherWidth(memory.width, now: space.lookCount))
        }
        return (memory.keys, memory.values)
    }

    /// How alike each example is to what those of its interaction have in common: -1 to 1, by cosine.
    ///
    /// - Throws: As ``check(_:)`` and ``looks(in:)``; `PlanError`.
    public func likeness(in space: LookSpace, threads: Int = 1) throws -> [Double] {
        guard !examples.isEmpty else { return [] }
        try check(space)
        let triplets = triplets
        let places = Dictionary(uniqueKeysWithValues: triplets.enumerated().map { ($1, $0) })
        let shown = examples.map { places[$0.triplet, default: 0] }
        let codes = try space.codes(of: looks(in: space).plain, threads: threads)
        let taught = try TaughtLooks(
            codes, showing: shown,
            photographs: triplets.indices.map { place in shown.count { $0 == place } },
            things: space.things(of: triplets),
            beside: space.known, threads: threads)
        var alike = [Double](repeating: 0, count: examples.count)
        for place in triplets.indices {
            let values = try taught.likeness(to: place, codes: codes)
            for row in shown.indices where shown[row] == place { alike[row] = values[row] }
        }
        return alike
    }

    /// The SHA-256 of all that decides what is told: what each example shows, in order, and its looks. Where photographs
    /// lie makes no difference.
    ///
    /// - Throws: `MemoryStoreError` where patterns are damaged.
    public func digest() throws -> String {
        let patterns = try store.map { try $0.memory() }
        let looks = [patterns?.keys, patterns?.values].compactMap { $0 }.map { looks in
            looks.withUnsafeBufferPointer { SHA256(of: UnsafeRawBufferPointer($0)).hexadecimal }
        }
        let shown = examples.map { "\($0.detector) \($0.triplet.verb) \($0.triplet.object)" }
        return FileSeal.digest(of: (shown + looks).joined(separator: "\n"))
    }

    // MARK: - Changing

    /// Stores examples, all or none of them.
    ///
    /// - Parameter looks: Of each example, as it is and mirrored.
    /// - Throws: `MemoryStoreError`, `MediaError` where the folder cannot be made.
    public func adding(
        _ new: [TaughtExample], looks: [(plain: [Float], mirrored: [Float])]
    ) throws -> TaughtMemory {
        precondition(new.count == looks.count, "examples without looks")
        guard let width = looks.first?.plain.count else { return self }
        let keys = Tensor(looks.flatMap(\.plain), shape: [new.count, width])
        let values = Tensor(looks.flatMap(\.mirrored), shape: [new.count, width])
        let names = new.map(\.name)
        if var store {
            try store.append(keys, values: values, names: names)
        } else {
            try makeParents()
            // An empty folder is made anew; any other stays, and is refused.
            rmdir(folder.fileName)
            _ = try MemoryStore(
                creating: folder,
                AssociativeMemory(
                    keys, values: values, similarity: .cosine, separation: .identity,
                    projection: .mean), names: names)
        }
        return try TaughtMemory(contentsOf: folder)
    }

    /// Forgets the examples that are wanted no more.
    ///
    /// Patterns of what is forgotten leave the disk, too.
    ///
    /// - Throws: `MemoryStoreError`.
    public func forgetting(_ isGone: (TaughtExample) -> Bool) throws -> TaughtMemory {
        let gone = examples.filter(isGone)
        guard var store, !gone.isEmpty else { return self }
        try store.remove(gone.map(\.name))
        try store.rebuild()
        return try TaughtMemory(contentsOf: folder)
    }

    /// Makes the folders above the memory's.
    private func makeParents() throws {
        var path = folder.hasPrefix("/") ? "/" : ""
        for part in folder.split(separator: "/").dropLast() {
            path += "\(part)"
            guard mkdir(path.fileName, 0o777) == 0 || errno == EEXIST else {
                throw TaughtMemoryError(
                    folder, .notMade("\(path): \(String(cString: strerror(errno)))"))
            }
            path += "/"
        }
    }
}

/// A memory of examples that cannot be used; prints as one line.
public struct TaughtMemoryError: ExitCodeProviding, Equatable {
    /// What is wrong.
    public enum Problem: Sendable, Equatable {
        /// It is a memory, but not of examples.
        case foreign
        /// Another detector saw so many of the examples.
        case otherDetector(String, now: String, count: Int, of: Int)
        /// Looks have so many numbers, and are to have others.
        case otherWidth(Int, now: Int)
        /// A folder cannot be made, for this reason.
        case notMade(String)
        /// Nothing was taught.
        case empty
        /// This was not taught; something else that is spelled alike was, or not.
        case notTaught(String, suggestion: String?)
    }

    /// The folder.
    public let folder: String
    /// What is wrong with it.
    public let problem: Problem

    /// A problem with a folder.
    public init(_ folder: String, _ problem: Problem) {
        (self.folder, self.problem) = (folder, problem)
    }

    /// 65 for bad data, 66 where nothing is there, 73 where it cannot be made.
    public var exitCode: Int32 {
        switch problem {
        case .foreign, .otherDetector, .otherWidth: ExitCode.badData.rawValue
        case .empty, .notTaught: ExitCode.noInput.rawValue
        case .notMade: ExitCode.cannotCreate.rawValue
        }
    }

    /// One line: which memory, what is wrong, what to do.
    public var description: String {
        let place = printable(folder)
        switch problem {
        case .foreign: return "\(place): is a memory, but none that 'hoi teach' made"
        case .otherDetector(let other, let now, let count, let all):
            let which = count == all ? "was" : "was in part (\(count) of \(all) examples)"
            return
                "\(place): \(which) made with detector \(other), and this one is \(now); name that one "
                + "with --detector, or teach anew what 'hoi taught --stale' lists"
        case .otherWidth(let width, let now):
            return "\(place): holds looks of \(width) numbers, and this program's have \(now); "
                + "'hoi forget --all' and teach anew"
        case .notMade(let reason): return "\(place): cannot be made: \(reason)"
        case .empty: return "\(place): nothing is taught; 'hoi teach VERB THING PHOTO...' teaches"
        case .notTaught(let text, let suggestion):
            return "\(place): '\(printable(text))' is not taught"
                + (suggestion.map { "; '\($0)' is" } ?? "; 'hoi taught' lists what is")
        }
    }
}
