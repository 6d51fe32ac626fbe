import Glibc
import Media
import Testing

/// Runs `body` on a thread of its own, and waits for all of them in `join`.
private final class Threads {
    private var threads: [pthread_t] = []

    func start(_ body: @escaping @Sendable () -> Void) {
        final class Box {
            let body: @Sendable () -> Void; init(_ b: @escaping @Sendable () -> Void) { body = b }
        }
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { argument in
                Unmanaged<Box>.fromOpaque(argument!).takeRetainedValue().body()
                return nil
            }, Unmanaged.passRetained(Box(body)).toOpaque())
        threads.append(thread)
    }

    func join() {
        for thread in threads { pthread_join(thread, nil) }
        threads = []
    }
}

private struct Failure: Error, Equatable { let number: Int }

@Suite("A bounded queue joins two threads")
struct BoundedQueueTests {
    @Test(
        "Elements arrive in order and none is lost, whatever the capacity",
        arguments: [1, 2, 3, 17])
    func order(_ capacity: Int) throws {
        let queue = BoundedQueue<Int>(capacity: capacity)
        let threads = Threads()
        threads.start {
            for index in 0..<5000 { try? queue.push(index) }
            queue.close()
        }
        var received: [Int] = []
        while let element = try queue.pop() { received.append(element) }
        threads.join()
        #expect(received == Array(0..<5000))
    }

    @Test("A full queue makes its producer wait")
    func bounded() throws {
        let queue = BoundedQueue<Int>(capacity: 2)
        let pushed = UnsafeMutablePointer<Int>.allocate(capacity: 1)
        pushed.pointee = 0
        defer { pushed.deallocate() }
        let address = UInt(bitPattern: pushed)
        let threads = Threads()
        threads.start {
            let count = UnsafeMutablePointer<Int>(bitPattern: address)!
            for index in 0..<5 {
                try? queue.push(index)
                count.pointee += 1
            }
        }
        usleep(100_000)
        #expect(pushed.pointee == 2)
        for index in 0..<5 { #expect(try queue.pop() == index) }
        threads.join()
    }

    @Test("The producer's error comes after its last element")
    func producerError() throws {
        let queue = BoundedQueue<Int>(capacity: 4)
        try queue.push(1)
        try queue.push(2)
        queue.close(throwing: Failure(number: 7))
        #expect(try queue.pop() == 1)
        #expect(try queue.pop() == 2)
        #expect(throws: Failure(number: 7)) { try queue.pop() }
    }

    @Test("A consumer that stops wakes the waiting producer with its error")
    func consumerError() {
        let queue = BoundedQueue<Int>(capacity: 1)
        let threads = Threads()
        let seen = BoundedQueue<Int>(capacity: 1)
        threads.start {
            do {
                for index in 0... { try queue.push(index) }
            } catch let error as Failure {
                try? seen.push(error.number)
            } catch { try? seen.push(-1) }
        }
        usleep(20_000)
        queue.cancel(throwing: Failure(number: 9))
        threads.join()
        #expect(try! seen.pop() == 9)
        #expect(throws: Failure(number: 9)) { try queue.pop() }
    }

    @Test("Waiting elements are freed when the queue is cancelled")
    func freesElements() throws {
        final class Token: Sendable {}
        weak var token: Token?
        let queue = BoundedQueue<Token>(capacity: 2)
        do {
            let made = Token()
            token = made
            try queue.push(made)
        }
        #expect(token != nil)
        queue.cancel()
        #expect(token == nil)
    }
}
