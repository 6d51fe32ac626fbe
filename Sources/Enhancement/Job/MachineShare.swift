// How much of the machine this process may use: cores and memory.
import FileNames
import Glibc

/// What the system, a container or a scheduler leaves to this process.
public struct MachineShare: Sendable, Hashable {
    /// Cores that may be busy at the same time, at least one.
    public var cores: Int
    /// Bytes of memory that may be taken; nil where nothing says.
    public var memory: Int64?

    /// The share of this process now.
    public static var current: MachineShare {
        MachineShare(
            online: max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))),
            given: getenv("SLURM_CPUS_PER_TASK").map { String(cString: $0) }, root: "")
    }

    /// The least of what is online, the affinity mask, cgroups' quotas and what Slurm gives a task.
    ///
    /// - Parameters:
    ///   - given: Slurm's word.
    ///   - root: What stands before `/proc` and `/sys`.
    init(online: Int, given: String?, root: String) {
        var cores = min(online, Self.allowedCores(root) ?? online)
        if let given = given.flatMap({ Int($0) }), given > 0 { cores = min(cores, given) }
        var memory = Self.availableMemory(root)
        for group in Self.groups(root) {
            if let quota = group.cores { cores = min(cores, quota) }
            if let limit = group.memory { memory = min(memory ?? limit, limit) }
        }
        self.cores = max(1, cores)
        self.memory = memory
    }

    /// Cores in the affinity mask.
    private static func allowedCores(_ root: String) -> Int? {
        let title = "Cpus_allowed_list:"
        guard let line = lines(root + "/proc/self/status").first(where: { $0.hasPrefix(title) })
        else { return nil }
        // As in `0-3,8`.
        let spans = line.dropFirst(title.count).split(whereSeparator: { ", \t".contains($0) })
        return spans.reduce(0) { sum, span in
            let ends = span.split(separator: "-").compactMap { Int($0) }
            return sum + (ends.isEmpty ? 0 : max(1, ends.last! - ends[0] + 1))
        }
    }

    /// What could be taken without swapping.
    private static func availableMemory(_ root: String) -> Int64? {
        for line in lines(root + "/proc/meminfo") where line.hasPrefix("MemAvailable:") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int64($0) }.map {
                $0 * 1024
            }
        }
        return nil
    }

    /// The limits of the control groups that the process is in, up to the root.
    private static func groups(_ root: String) -> [(cores: Int?, memory: Int64?)] {
        var limits: [(cores: Int?, memory: Int64?)] = []
        for line in lines(root + "/proc/self/cgroup") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { continue }
            let controllers = parts[1].split(separator: ",")
            var path = String(parts[2])
            // A container sees its own group as the root, whatever the kernel calls it.
            while true {
                let end = path == "/" ? "" : path
                if parts[1].isEmpty {
                    limits.append(second(root + "/sys/fs/cgroup" + end))
                } else if controllers.contains("cpu") || controllers.contains("memory") {
                    for name in controllers {
                        limits.append(first("\(root)/sys/fs/cgroup/\(name)\(end)"))
                    }
                }
                guard let slash = path.lastIndex(of: "/"), end != "" else { break }
                path = slash == path.startIndex ? "/" : String(path[..<slash])
            }
        }
        return limits
    }

    /// Limits as the second version of control groups writes them: `150000 100000`, `max`.
    private static func second(_ folder: String) -> (cores: Int?, memory: Int64?) {
        let words = lines(folder + "/cpu.max").first?.split(separator: " ").map { Double($0) } ?? []
        var cores: Int?
        if words.count == 2, let quota = words[0], let period = words[1], period > 0 {
            cores = max(1, Int((quota / period).rounded(.up)))
        }
        return (cores, memory(folder, limit: "memory.max", used: "memory.current"))
    }

    /// Limits as the first version writes them.
    private static func first(_ folder: String) -> (cores: Int?, memory: Int64?) {
        var cores: Int?
        if let quota = lines(folder + "/cpu.cfs_quota_us").first.flatMap({ Double($0) }), quota > 0,
            let period = lines(folder + "/cpu.cfs_period_us").first.flatMap({ Double($0) }),
            period > 0
        {
            cores = max(1, Int((quota / period).rounded(.up)))
        }
        let used = "memory.usage_in_bytes"
        return (cores, memory(folder, limit: "memory.limit_in_bytes", used: used))
    }

    /// What a group has left; nil where it has no limit.
    private static func memory(_ folder: String, limit: String, used: String) -> Int64? {
        guard let most = lines("\(folder)/\(limit)").first.flatMap({ Int64($0) }),
            most < 1 << 60
        else { return nil }
        return max(0, most - (lines("\(folder)/\(used)").first.flatMap { Int64($0) } ?? 0))
    }

    private static func lines(_ path: String) -> [Substring] {
        guard let file = fopen(path.fileName, "r") else { return [] }
        defer { fclose(file) }
        var block = [UInt8](repeating: 0, count: 1 << 16)
        let count = fread(&block, 1, block.count, file)
        return String(decoding: block[..<count], as: UTF8.self).split(separator: "\n")
    }
}
