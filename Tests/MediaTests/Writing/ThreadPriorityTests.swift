import Glibc
import Media
import TestSupport
import Testing

@Suite("Thread priority")
struct ThreadPriorityTests {
    /// Threads of this process that run in real time.
    private func realTimeThreads() -> Int {
        guard let folder = opendir("/proc/self/task") else { return -1 }
        defer { closedir(folder) }
        var count = 0
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let thread = Int32(name) else { continue }
            if sched_getscheduler(thread) == SCHED_FIFO { count += 1 }
        }
        return count
    }

    @Test(
        "AV1's threads run like all others, although it wants real time for them",
        .enabled(if: geteuid() == 0, "only root's threads may run in real time"))
    func ordinary() throws {
        let folder = TemporaryFolder()
        let frames = patternFrames(3, width: 96, height: 80, format: FrameFormat(.yuv420))
        let video = VideoDescription(frame: frames[0], frameRate: Rational(25, 1))
        let writer = try VideoWriter(
            path: "\(folder.path)/a.mkv", video: video, settings: EncoderSettings(encoder: "av1"))
        #expect(realTimeThreads() == 0)
        try write(frames, writer)
        #expect(sched_getscheduler(0) == SCHED_OTHER)
    }
}
