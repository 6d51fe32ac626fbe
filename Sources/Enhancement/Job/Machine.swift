// What the machine gives this process, and what the process has taken of it.
import CKernels
import FileNames
import Glibc

/// Facts about the running process.
public enum Machine {
    /// Cores that this process may use.
    public static var coreCount: Int { MachineShare.current.cores }

    /// The most memory that this process has had in RAM so far, in bytes.
    public static var peakMemory: Int64 {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Int64(usage.ru_maxrss) * 1024
    }

    /// Lets memory of planes go back to the system when it is freed; a program calls it once, first.
    ///
    /// Frames of several sizes and two encoders come and go: 24 frames of 10-bit 1080p take 1.18 GB
    /// instead of 1.67, in the same time.
    public static func returnFreedMemory() { percept_return_large_blocks() }

    /// Size of a file in bytes; 0 where there is none.
    public static func fileSize(_ path: String) -> Int64 {
        var status = stat()
        return stat(path.fileName, &status) == 0 ? Int64(status.st_size) : 0
    }
}
