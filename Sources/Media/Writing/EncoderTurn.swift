// Encoders that do not get along with others of their kind in one process.
import Glibc

/// The right to run SVT-AV1, which one encoder of a process has at a time.
///
/// With several of them in a process, version 1.4 now and then waits for itself for ever. Who has
/// waited long for its turn goes on without, so that a thread with two encoders is not stuck.
final class EncoderTurn {
    private nonisolated(unsafe) static let isFree: UnsafeMutablePointer<sem_t> = {
        let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
        sem_init(semaphore, 0, 1)
        return semaphore
    }()

    private let isMine: Bool

    /// Waits for the turn, for `seconds` at most.
    init(waitingAtMost seconds: Int = 20) {
        var end = timespec()
        clock_gettime(CLOCK_REALTIME, &end)
        end.tv_sec += seconds
        var code = sem_timedwait(Self.isFree, &end)
        while code != 0, errno == EINTR { code = sem_timedwait(Self.isFree, &end) }
        isMine = code == 0
    }

    deinit { if isMine { sem_post(Self.isFree) } }
}
