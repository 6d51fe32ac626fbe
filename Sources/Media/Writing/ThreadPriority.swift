// Encoders that take more of the machine than their share.
import Glibc

/// Scheduling of this process's threads.
enum ThreadPriority {
    /// Calls `body` and undoes the real-time scheduling that it gave to threads of this process.
    ///
    /// SVT-AV1, run as root, runs all its threads and the one that opened it under SCHED_FIFO: until
    /// they are done, no other program of the machine gets a processor.
    static func keepingOrdinary<Result>(_ body: () -> Result) -> Result {
        let isOrdinary = sched_getscheduler(0) == SCHED_OTHER
        defer { if isOrdinary { makeOrdinary() } }
        return body()
    }

    private static func makeOrdinary() {
        guard let folder = opendir("/proc/self/task") else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let thread = Int32(name) else { continue }
            let policy = sched_getscheduler(thread)
            guard policy == SCHED_FIFO || policy == SCHED_RR else { continue }
            var none = sched_param()
            none.sched_priority = 0
            sched_setscheduler(thread, SCHED_OTHER, &none)
        }
    }
}
