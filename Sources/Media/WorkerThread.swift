// A plain thread that does one thing, and what is handed to it.
import Glibc

/// Hands a value to exactly one other thread, while nobody else touches it.
package struct Unshared<Value>: @unchecked Sendable {
    package let value: Value
    package init(_ value: Value) { self.value = value }
}

/// A thread that runs one body, and tells afterwards how busy it was and why it failed.
package final class WorkerThread: @unchecked Sendable {
    private var handle = pthread_t()
    private let body: @Sendable () throws -> Void
    private let name: String
    /// What the body threw; read it after `join`.
    package private(set) var failure: (any Error)?
    private var busySeconds = 0.0
    private var isJoined = false

    package init(_ name: String, _ body: @escaping @Sendable () throws -> Void) {
        self.name = name
        self.body = body
        let status = pthread_create(
            &handle, nil,
            { pointer in
                Unmanaged<WorkerThread>.fromOpaque(pointer!).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        precondition(status == 0, "no thread for \(name)")
    }

    private func run() {
        do { try body() } catch { failure = error }
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        busySeconds = Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Waits for the end; returns the processor seconds of the thread itself.
    package func join() -> Double {
        if !isJoined {
            pthread_join(handle, nil)
            isJoined = true
        }
        return busySeconds
    }

    package func rethrow() throws {
        if let failure { throw failure }
    }
}
