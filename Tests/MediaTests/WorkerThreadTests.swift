import Media
import Testing

@Suite("Worker threads")
struct WorkerThreadTests {
    private struct Failure: Error {}

    @Test("What a thread did is there after the join, and so is why it failed")
    func joining() throws {
        let queue = BoundedQueue<Int>(capacity: 1)
        let worker = WorkerThread("test") {
            try queue.push(7)
            queue.close()
        }
        #expect(try queue.pop() == 7)
        #expect(try queue.pop() == nil)
        #expect(worker.join() >= 0)
        try worker.rethrow()
        let failing = WorkerThread("test") { throw Failure() }
        _ = failing.join()
        #expect(throws: Failure.self) { try failing.rethrow() }
    }
}
