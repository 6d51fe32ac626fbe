// Compiled networks that wait for the next video of their size.
import Compute
import Learning
import Media
import Synchronization

/// Keeps the compiled networks of videos that are done, so that the next of the same size need not compile its own.
///
/// Safe to use from any thread: a network is handed to one user at a time.
public final class NetworkPool: Sendable {
    /// What two networks must have in common for one to stand for the other.
    struct Key: Hashable {
        let width: Int, height: Int, tile: Int?
        let precision: Precision, threads: Int
        let balance: Balance
    }

    /// Networks that may wait.
    public let limit: Int

    private struct State {
        var waiting: [(key: Key, network: Unshared<BalancedNetwork>)] = []
        var compiled = (count: 0, seconds: 0.0)
    }
    private let state = Mutex(State())

    /// A pool for one model; at most `limit` networks wait in it.
    public init(limit: Int = 4) { self.limit = limit }

    /// How many networks were compiled, and in how many seconds.
    public var compilations: (count: Int, seconds: Double) { state.withLock { $0.compiled } }

    /// A network that waits, or one that is compiled now.
    func network(
        _ key: Key, compile: () throws -> BalancedNetwork
    ) rethrows -> BalancedNetwork {
        let found: Unshared<BalancedNetwork>? = state.withLock { state in
            guard let index = state.waiting.lastIndex(where: { $0.key == key }) else { return nil }
            return state.waiting.remove(at: index).network
        }
        if let found { return found.value }
        let start = monotonicSeconds()
        let network = try compile()
        let seconds = monotonicSeconds() - start
        state.withLock { state in
            state.compiled = (state.compiled.count + 1, state.compiled.seconds + seconds)
        }
        return network
    }

    /// Takes a network back; of more than may wait, the one that waited longest goes.
    func takeBack(_ network: BalancedNetwork, _ key: Key) {
        let network = Unshared(network)
        state.withLock { state in
            state.waiting.append((key, network))
            if state.waiting.count > limit { state.waiting.removeFirst() }
        }
    }
}
