// A queue of limited length between two threads, which carries the end and the failure of either.
import Glibc

/// A first-in, first-out queue that blocks its producer when full and its consumer when empty.
///
/// The producer ends it with ``close()`` or ``close(throwing:)``, the consumer with ``cancel(throwing:)``.
/// Plain POSIX: whoever waits blocks a thread, so it belongs to dedicated threads, never to tasks.
public final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    /// Thrown to a producer whose consumer stopped without an error of its own.
    public struct Cancelled: Error {
        /// The error without operands: there is nothing to say.
        public init() {}
    }

    /// Largest number of elements that wait.
    public let capacity: Int

    private struct State {
        var elements: [Element?]
        var first = 0, count = 0
        var isClosed = false
        var producerError: (any Error)?
        var cancellation: (any Error)?
    }

    private var state: State
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private let notEmpty: UnsafeMutablePointer<pthread_cond_t>
    private let notFull: UnsafeMutablePointer<pthread_cond_t>

    /// An empty queue for at most `capacity` waiting elements (at least 1).
    public init(capacity: Int) {
        precondition(capacity > 0, "a queue holds at least one element, not \(capacity)")
        self.capacity = capacity
        state = State(elements: Array(repeating: nil, count: capacity))
        mutex = .allocate(capacity: 1)
        notEmpty = .allocate(capacity: 1)
        notFull = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(notEmpty, nil)
        pthread_cond_init(notFull, nil)
    }

    /// Appends an element, waiting while the queue is full.
    ///
    /// - Throws: the consumer's error, or ``Cancelled``, once the consumer has stopped.
    public func push(_ element: Element) throws {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        precondition(!state.isClosed, "push after close")
        while state.count == capacity, state.cancellation == nil {
            pthread_cond_wait(notFull, mutex)
        }
        if let error = state.cancellation { throw error }
        state.elements[(state.first + state.count) % capacity] = element
        state.count += 1
        pthread_cond_signal(notEmpty)
    }

    /// Removes the oldest element, waiting while there is none; nil at the end.
    ///
    /// - Throws: the producer's error after its last element, or the error of a cancelled queue.
    public func pop() throws -> Element? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while state.count == 0, !state.isClosed, state.cancellation == nil {
            pthread_cond_wait(notEmpty, mutex)
        }
        if let error = state.cancellation { throw error }
        guard state.count > 0 else {
            if let error = state.producerError { throw error }
            return nil
        }
        let element = state.elements[state.first]
        state.elements[state.first] = nil
        state.first = (state.first + 1) % capacity
        state.count -= 1
        pthread_cond_signal(notFull)
        return element
    }

    /// Says that no element follows.
    public func close() { end(nil) }

    /// Says that no element follows, and why: the consumer gets `error` after the last element.
    public func close(throwing error: any Error) { end(error) }

    /// Stops both sides at once: waiting elements are dropped, and whoever comes next gets `error`.
    public func cancel(throwing error: any Error = Cancelled()) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard state.cancellation == nil else { return }
        state.cancellation = error
        state.elements = Array(repeating: nil, count: capacity)
        state.count = 0
        pthread_cond_broadcast(notEmpty)
        pthread_cond_broadcast(notFull)
    }

    private func end(_ error: (any Error)?) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !state.isClosed else { return }
        state.isClosed = true
        state.producerError = error
        pthread_cond_broadcast(notEmpty)
    }

    deinit {
        pthread_mutex_destroy(mutex)
        pthread_cond_destroy(notEmpty)
        pthread_cond_destroy(notFull)
        mutex.deallocate()
        notEmpty.deallocate()
        notFull.deallocate()
    }
}
