// An associative memory on disk: patterns as safetensors, names as JSON Lines, changed at once or not at all.
import Glibc
import Learning
import Networks
import Tensors

/// A folder that keeps an associative memory: `index.jsonl` and files of patterns.
///
/// Every change writes new patterns first and then replaces the index, so that at any moment the folder holds either
/// the memory before the change or the one after it. Patterns that no index names any more go with the next change.
/// Removing leaves patterns where they are, and only their names go; ``rebuild()`` gathers what is left in one file.
///
/// One process writes at a time; who read before another wrote is told to read again.
public struct MemoryStore: Sendable {
    /// The folder.
    public let folder: String
    private var index: MemoryIndex
    /// The digest of the index as it was read or written.
    private var seal: String

    /// Names of the memories, in the order of their patterns.
    public var names: [String] { index.entries.map(\.name) }
    /// How many there are.
    public var count: Int { index.entries.count }
    /// How many files of patterns there are: ``rebuild()`` makes one of them.
    public var fileCount: Int { index.shards.count }

    private static let indexName = "index.jsonl"
    private var indexPath: String { "\(folder)/\(Self.indexName)" }

    // MARK: - Opening

    /// Writes a memory to a new folder.
    ///
    /// - Parameter names: One for each pattern, all different.
    /// - Throws: ``MemoryStoreError``.
    public init(
        creating folder: String, _ memory: AssociativeMemory, names: [String]
    ) throws(MemoryStoreError) {
        precondition(names.count == memory.count, "\(names.count) names for \(memory.count)")
        if mkdir(folder, 0o777) != 0 {
            let reason = errno
            guard reason == EEXIST else {
                throw MemoryStoreError(
                    folder, .notWritten("cannot be made: \(String(cString: strerror(reason)))"))
            }
            guard Self.isUnfinished(folder) else { throw MemoryStoreError(folder, .exists) }
        }
        self.folder = folder
        index = MemoryIndex(
            width: memory.width,
            valueWidth: memory.isAutoassociative ? nil : memory.values.shape[1],
            operations: MemoryOperations(
                memory.similarity, memory.separation, memory.projection))
        seal = ""
        try change { [folder] index throws(MemoryStoreError) in
            try Self.add(
                memory.keys, memory.isAutoassociative ? nil : memory.values, names, to: &index,
                in: folder)
        }
    }

    /// Opens a folder; patterns are read and checked by ``memory(threads:)``.
    ///
    /// - Throws: ``MemoryStoreError`` where there is no index, or one that is damaged or foreign.
    public init(contentsOf folder: String) throws(MemoryStoreError) {
        self.folder = folder
        let path = "\(folder)/\(Self.indexName)"
        let bytes = try Self.bytes(of: path)
        index = try MemoryIndex(parsing: bytes, path: path)
        seal = MemoryIndex.digest(bytes)
    }

    /// The memory, with patterns in the order of their names.
    ///
    /// - Throws: ``MemoryStoreError`` where a file of patterns is missing, damaged or another one.
    public func memory(threads: Int = 1) throws(MemoryStoreError) -> AssociativeMemory {
        var keys: [Tensor<Float>] = [], values: [Tensor<Float>] = []
        for shard in index.shards {
            let (found, others) = try patterns(of: shard)
            keys.append(found)
            if let others { values.append(others) }
        }
        let operations = index.operations
        do throws(MemoryError) {
            return try AssociativeMemory(
                gathered(keys, width: index.width),
                values: index.valueWidth.map { gathered(values, width: $0) },
                similarity: operations.similarity, separation: operations.separation,
                projection: operations.projection, threads: threads)
        } catch {
            throw MemoryStoreError(folder, .patterns(error.description))
        }
    }

    /// The rows that the index names, in its order.
    private func gathered(_ shards: [Tensor<Float>], width: Int) -> Tensor<Float> {
        Tensor(shape: [index.entries.count, width]) { to in
            for (position, entry) in index.entries.enumerated() {
                shards[entry.shard].withUnsafeBufferPointer { from in
                    for column in 0..<width {
                        to[position * width + column] = from[entry.row * width + column]
                    }
                }
            }
        }
    }

    // MARK: - Changing

    /// Stores more patterns.
    ///
    /// - Parameters:
    ///   - keys: `[n, d]`.
    ///   - values: `[n, o]`, where the memory is hetero-associative.
    ///   - names: One for each pattern, that no other has.
    /// - Throws: ``MemoryStoreError``; then the folder is as it was.
    public mutating func append(
        _ keys: Tensor<Float>, values: Tensor<Float>? = nil, names: [String]
    ) throws(MemoryStoreError) {
        precondition(names.count == keys.shape[0], "\(names.count) names for \(keys.shape)")
        precondition(
            (values == nil) == (index.valueWidth == nil), "values for some patterns only")
        try change { [folder] index throws(MemoryStoreError) in
            try Self.add(keys, values, names, to: &index, in: folder)
        }
    }

    /// Forgets the memories of these names.
    ///
    /// - Throws: ``MemoryStoreError`` where there is none of a name; then the folder is as it was.
    public mutating func remove(_ names: some Collection<String>) throws(MemoryStoreError) {
        let gone = Set(names), known = Set(self.names)
        if let wrong = gone.first(where: { !known.contains($0) }) {
            throw MemoryStoreError(folder, .noSuchMemory(name: wrong))
        }
        try change { index throws(MemoryStoreError) in
            index.entries.removeAll { gone.contains($0.name) }
        }
    }

    /// Gathers all patterns in one file, without those that were forgotten.
    ///
    /// - Throws: ``MemoryStoreError``; then the folder is as it was.
    public mutating func rebuild() throws(MemoryStoreError) {
        let memory = try memory()
        let names = names
        try change { [folder] index throws(MemoryStoreError) in
            (index.shards, index.entries) = ([], [])
            try Self.add(
                memory.keys, memory.isAutoassociative ? nil : memory.values, names, to: &index,
                in: folder)
        }
    }

    /// Writes patterns to a new file, and names them in the index.
    private static func add(
        _ keys: Tensor<Float>, _ values: Tensor<Float>?, _ names: [String],
        to index: inout MemoryIndex, in folder: String
    ) throws(MemoryStoreError) {
        for (width, found) in [
            (index.width, keys.shape[1]), (index.valueWidth ?? 0, values?.shape[1] ?? 0),
        ] where width != found {
            throw MemoryStoreError(folder, .otherWidth(expected: width, found: found))
        }
        var known = Set(index.entries.map(\.name))
        for name in names where !known.insert(name).inserted {
            throw MemoryStoreError(folder, .duplicate(name: name))
        }
        guard !names.isEmpty else { return }
        // A name that no file has, nor had one that somebody may still be reading.
        let last = patternFiles(in: folder).compactMap(MemoryIndex.number(of:)).max() ?? 0
        let file = "patterns-\(last + 1).safetensors"
        let path = "\(folder)/\(file)"
        do throws(FileWriteError) {
            try Safetensors.write(
                [("keys", keys)] + (values.map { [("values", $0)] } ?? []),
                metadata: ["format": MemoryIndex.format], to: path)
        } catch {
            throw MemoryStoreError(path, .notWritten(error.description))
        }
        index.shards.append(.init(file: file, rows: names.count, digest: try digest(of: path)))
        for (row, name) in names.enumerated() {
            index.entries.append(.init(name: name, shard: index.shards.count - 1, row: row))
        }
    }

    /// Changes the index while nobody else does, and replaces the file at once.
    private mutating func change(
        _ body: (inout MemoryIndex) throws(MemoryStoreError) -> Void
    ) throws(MemoryStoreError) {
        let lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard lock >= 0 else {
            throw MemoryStoreError(
                folder, .unreadable(reason: String(cString: strerror(errno))))
        }
        defer { close(lock) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else { throw MemoryStoreError(folder, .busy) }
        if seal.isEmpty, access(indexPath, F_OK) == 0 { throw MemoryStoreError(folder, .exists) }
        if !seal.isEmpty, MemoryIndex.digest(try Self.bytes(of: indexPath)) != seal {
            throw MemoryStoreError(folder, .changed)
        }
        var changed = index
        try body(&changed)
        let bytes = changed.bytes
        var failure: FileWriteError?
        bytes.withUnsafeBytes { bytes in
            do throws(FileWriteError) {
                try writeAtomically([bytes], to: indexPath)
            } catch {
                failure = error
            }
        }
        if let failure { throw MemoryStoreError(indexPath, .notWritten(failure.description)) }
        (index, seal) = (changed, MemoryIndex.digest(bytes))
        let named = Set(index.shards.map(\.file))
        for file in Self.patternFiles(in: folder) where !named.contains(file) {
            unlink("\(folder)/\(file)")
        }
    }

    // MARK: - Files

    /// The patterns of a file, checked.
    private func patterns(
        of shard: MemoryIndex.Shard
    ) throws(MemoryStoreError) -> (keys: Tensor<Float>, values: Tensor<Float>?) {
        let path = "\(folder)/\(shard.file)"
        guard try Self.digest(of: path) == shard.digest else {
            throw MemoryStoreError(
                path, .damaged(expected: "its digest is not the one that the index has"))
        }
        let keys: Tensor<Float>, values: Tensor<Float>?
        do throws(SafetensorsError) {
            let file = try Safetensors(contentsOf: path)
            keys = try file.tensor("keys")
            values = index.valueWidth == nil ? nil : try file.tensor("values")
        } catch {
            throw MemoryStoreError(path, .patterns("\(error.problem)"))
        }
        guard keys.shape == [shard.rows, index.width],
            values?.shape == index.valueWidth.map({ [shard.rows, $0] })
        else {
            throw MemoryStoreError(
                path,
                .patterns("holds patterns \(keys.shape), not [\(shard.rows), \(index.width)]"))
        }
        return (keys, values)
    }

    private static func digest(of path: String) throws(MemoryStoreError) -> String {
        do throws(SafetensorsError) {
            return try SHA256(ofFile: path).hexadecimal
        } catch {
            throw MemoryStoreError(path, .patterns("\(error.problem)"))
        }
    }

    private static func patternFiles(in folder: String) -> [String] {
        files(in: folder).filter(MemoryIndex.isPlain)
    }

    /// Whether a folder holds no more than what somebody left there who was killed before its index was written.
    private static func isUnfinished(_ folder: String) -> Bool {
        guard let directory = opendir(folder) else { return false }
        closedir(directory)
        return files(in: folder).allSatisfy { MemoryIndex.isPlain($0) || $0.hasSuffix(".part") }
    }

    private static func files(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func bytes(of path: String) throws(MemoryStoreError) -> [UInt8] {
        guard let file = fopen(path, "re") else {
            throw MemoryStoreError(path, .unreadable(reason: String(cString: strerror(errno))))
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            bytes += buffer[..<count]
        }
        guard ferror(file) == 0 else {
            throw MemoryStoreError(path, .unreadable(reason: "it is no regular file"))
        }
        return bytes
    }
}
