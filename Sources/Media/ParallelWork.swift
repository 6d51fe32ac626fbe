// The same work on many items, on plain threads.
import Synchronization

/// Calls `body` with each of 0..<`count`, on `threads` threads; returns when all are done.
///
/// - Throws: the first error that `body` threw; no item is begun after it.
public func inParallel(
    _ count: Int, threads: Int, _ body: @escaping @Sendable (Int) throws -> Void
) throws {
    final class Queue: Sendable {
        let next = Atomic<Int>(0)
        let hasFailed = Atomic<Bool>(false)
    }
    let queue = Queue()
    let workers = (0..<min(threads, count)).map { number in
        WorkerThread("worker \(number)") {
            while !queue.hasFailed.load(ordering: .relaxed) {
                let index = queue.next.add(1, ordering: .relaxed).oldValue
                guard index < count else { return }
                do {
                    try body(index)
                } catch {
                    queue.hasFailed.store(true, ordering: .relaxed)
                    throw error
                }
            }
        }
    }
    for worker in workers { _ = worker.join() }
    for worker in workers { try worker.rethrow() }
}
