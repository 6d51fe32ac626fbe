// The name of an output that is still growing, which says whose it is.
import FileNames
import Glibc

/// `FOLDER/NAME.HOST-PID.part`: host and process tell the next run whether its writer still lives. Where one process writes
/// the same output twice at a time, the second part is `NAME.HOST-PID.2.part`.
struct PartName {
    let path: String
    private let folder: String, prefix: String, host: String

    /// A name that this process gives to a growing `output`, and to nothing else until it is forgotten.
    static func claim(_ output: String) -> PartName {
        var turn = 1
        while true {
            let name = PartName(
                output: output, host: hostName(), process: getpid(), turn: turn)
            if open.withLock({ $0.insert(name.path).inserted }) {
                // Whatever has that name is of an earlier process with our number.
                unlink(name.path.fileName)
                return name
            }
            turn += 1
        }
    }

    init(output: String, host: String, process: pid_t, turn: Int = 1) {
        folder = folderName(of: output)
        self.host = host
        let ending = ".\(host)-\(process)\(turn > 1 ? ".\(turn)" : "").part"
        // A name may have 255 bytes; a long one loses its end, the same for every process.
        // Bytes that are no characters take more room as a string; then the name is cut a little early.
        let room = 255 - 1 - host.utf8.count - 1 - 10 - 4 - 5
        prefix = Self.clipped(fileName(of: output), to: room)
        path = (folder == "/" ? "" : folder) + "/" + prefix + ending
    }

    /// Removes the parts of this output whose process, on this host, is gone.
    func removeStale() {
        for name in Self.entries(of: folder) where isStale(name) {
            unlink((folder + "/" + name).fileName)
        }
    }

    /// Whether `name` is a part of this output whose writer is gone.
    ///
    /// Of another host nothing is known, so its parts are left alone.
    func isStale(_ name: String) -> Bool {
        let start = prefix + "." + host + "-"
        guard name.hasPrefix(start), name.hasSuffix(".part") else { return false }
        let numbers = name.dropFirst(start.count).dropLast(5).split(separator: ".")
        guard let process = numbers.first.flatMap({ pid_t($0) }), process > 0,
            numbers.count == 1 || (numbers.count == 2 && Int(numbers[1]) != nil)
        else { return false }
        if process == getpid() {
            // Our own number: ours if this process opened it, else of an earlier namesake.
            return !Self.open.withLock { $0.contains((folder == "/" ? "" : folder) + "/" + name) }
        }
        return kill(process, 0) != 0 && errno == ESRCH
    }

    /// Tells the watcher that this process is writing the part.
    func register() { Self.watcher.withLock { $0 }?(path, true) }

    /// Notes that the part is finished or removed.
    static func forget(_ path: String) {
        _ = open.withLock { $0.remove(path) }
        watcher.withLock { $0 }?(path, false)
    }

    private static let open = Locked<Set<String>>([])
    /// Who wants to know of parts that come and go.
    static let watcher = Locked<(@Sendable (_ path: String, _ exists: Bool) -> Void)?>(nil)

    private static func hostName() -> String {
        let name = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard gethostname(buffer.baseAddress!, buffer.count - 1) == 0 else { return "host" }
            buffer[buffer.count - 1] = 0
            return String(cString: buffer.baseAddress!)
        }
        let safe = name.unicodeScalars.prefix(64).map { $0 == "/" || $0.value < 33 ? "_" : $0 }
        return String(String.UnicodeScalarView(safe))
    }

    /// At most `count` bytes of `name`, cut between characters.
    private static func clipped(_ name: String, to count: Int) -> String {
        var name = name
        while name.utf8.count > count { name.removeLast() }
        return name
    }

    private static func entries(of folder: String) -> [String] {
        guard let directory = opendir(folder.fileName) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafePointer(to: &entry.pointee.d_name) { name in
                    name.withMemoryRebound(to: CChar.self, capacity: 256) { String(fileName: $0) }
                })
        }
        return names
    }
}

/// A value behind a mutex.
final class Locked<Value>: @unchecked Sendable {
    private var value: Value
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>

    init(_ value: Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
    }

    func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body(&value)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }
}
