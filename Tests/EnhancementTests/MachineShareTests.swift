// How much of a machine a process may use.
import Media
import TestSupport
import Testing

@testable import Enhancement

@Suite("Machine share")
struct MachineShareTests {
    private let place = TemporaryFolder()

    private func share(
        online: Int = 64, given: String? = nil, _ files: [String: String]
    ) throws -> MachineShare {
        let root = TemporaryFolder()
        for (name, text) in files {
            let folder = name.split(separator: "/").dropLast().joined(separator: "/")
            try Folder.make(root(folder))
            root.write(Array(text.utf8), to: name)
        }
        return MachineShare(online: online, given: given, root: root.path)
    }

    @Test("The affinity mask counts")
    func mask() throws {
        let status = "Name:\tx\nCpus_allowed:\tff\nCpus_allowed_list:\t0-3,8,10-11\n"
        #expect(try share(["proc/self/status": status]).cores == 7)
        #expect(try share([:]).cores == 64)
    }

    @Test("Slurm's word counts where it is less")
    func slurm() throws {
        #expect(try share(given: "6", [:]).cores == 6)
        #expect(try share(online: 4, given: "6", [:]).cores == 4)
        #expect(try share(given: "six", [:]).cores == 64)
    }

    @Test("Quotas of control groups count, those of the groups above too")
    func groups() throws {
        let two = [
            "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
            "sys/fs/cgroup/a/cpu.max": "250000 100000\n",
            "sys/fs/cgroup/a/memory.max": "3000000000\n",
            "sys/fs/cgroup/a/memory.current": "1000000000\n",
            "proc/meminfo": "MemTotal: 9000000 kB\nMemAvailable:    5000000 kB\n",
        ]
        let share = try share(two)
        #expect(share.cores == 3)
        #expect(share.memory == 2_000_000_000)
        let one = [
            "proc/self/cgroup": "4:cpu,cpuacct:/x\n3:memory:/x\n",
            "sys/fs/cgroup/cpu/x/cpu.cfs_quota_us": "50000\n",
            "sys/fs/cgroup/cpu/x/cpu.cfs_period_us": "100000\n",
            "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "9223372036854771712\n",
        ]
        let old = try self.share(one)
        #expect(old.cores == 1)
        #expect(old.memory == nil)
    }

    @Test("This process has at least one core, and memory")
    func own() {
        let share = MachineShare.current
        #expect(share.cores >= 1)
        #expect((share.memory ?? 1) > 0)
    }
}
