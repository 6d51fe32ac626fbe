// An actor without weights: the mean of better actions in states like this one.
import Glibc
import Memory
import Networks
import Tensors

/// Kernel regression over an associative memory of states and better actions; belongs to the thread that uses it.
///
/// π(s) = Σ a K(s, sᵢ) / Σ K(s, sᵢ) with a Gaussian K over states, each of their numbers divided by its deviation: a retrieval with
/// Euclidean similarity and softmax separation. The kernel's width is n^(-1/(d + 4)) deviations of n states of d numbers.
///
/// - SeeAlso: ZOSPI (arXiv:2006.06600), non-parametric policies; Scott, "Multivariate Density Estimation" (1992), equation 6.44.
public struct KernelActor: PolicyActor, ExampleActor {
    static let kind = "kernel"
    public let stateCount: Int, box: ActionBox
    /// Lessons after which the memory is made anew.
    private let interval: Int
    private let threads: Int
    private var window: ExampleWindow
    private var lessons = 0
    private var inverses: [Float] = []
    private var memory: AssociativeMemory?

    /// An actor that knows nothing: it does 0.
    ///
    /// - Parameters:
    ///   - capacity: Examples kept; the oldest go first.
    ///   - interval: Lessons after which the memory is made anew.
    public init(
        stateCount: Int, box: ActionBox, capacity: Int = 512, interval: Int = 8, threads: Int = 1
    ) {
        precondition(interval > 0, "a memory after \(interval) lessons")
        (self.stateCount, self.box) = (stateCount, box)
        (self.interval, self.threads) = (interval, threads)
        window = ExampleWindow(
            stateCount: stateCount, actionCount: box.count, capacity: capacity)
    }

    /// Examples kept.
    public var count: Int { window.count }

    /// Keeps examples, in place of the oldest where there is no more room.
    ///
    /// - Parameters:
    ///   - states: `[N, s]`.
    ///   - actions: `[N, a]`, what is best there.
    /// - Throws: `MemoryError` where a number is not finite.
    public mutating func learn(_ states: Tensor<Float>, _ actions: Tensor<Float>) throws {
        window.append(states, actions)
        if lessons % interval == 0 { try remember() }
        lessons += 1
    }

    private mutating func remember() throws(MemoryError) {
        let (count, states) = (window.count, window.states)
        inverses = (0..<stateCount).map { column in
            var (sum, squares) = (0.0, 0.0)
            for row in 0..<count { sum += Double(states[row * stateCount + column]) }
            let mean = sum / Double(count)
            for row in 0..<count {
                let difference = Double(states[row * stateCount + column]) - mean
                squares += difference * difference
            }
            let deviation = (squares / Double(count)).squareRoot()
            // A number that never changes tells nothing.
            return deviation > 0 ? Float(1 / deviation) : 0
        }
        memory = try made(
            scaled(Tensor(states, shape: [count, stateCount])),
            Tensor(window.actions, shape: [count, box.count]))
    }

    /// A memory of scaled states and actions.
    private func made(
        _ keys: Tensor<Float>, _ values: Tensor<Float>
    ) throws(MemoryError) -> AssociativeMemory {
        let width = pow(Double(keys.shape[0]), -1 / Double(stateCount + 4))
        return try AssociativeMemory(
            keys, values: values, similarity: .euclidean,
            separation: .softmax(1 / (2 * width * width)), threads: threads)
    }

    private func scaled(_ states: Tensor<Float>) -> Tensor<Float> {
        var result = states
        result.withUnsafeMutableBufferPointer { x in
            for index in x.indices { x[index] *= inverses[index % stateCount] }
        }
        return result
    }

    public func actions(for states: Tensor<Float>) throws -> Tensor<Float> {
        guard let memory else { return Tensor(shape: [states.shape[0], box.count]) }
        // Rounding may lead out of the box by a little.
        return try memory.retrieve(scaled(states)).map { box.clamped($0) }
    }

    // MARK: - Files

    public func write(to path: String) throws(FileWriteError) {
        let scales =
            inverses.isEmpty
            ? Tensor<Float>(shape: [stateCount]) : Tensor(inverses, shape: [stateCount])
        // What stands in the memory, not what was added since: the file does what the actor does.
        let keys = memory?.keys ?? Tensor(shape: [0, stateCount])
        let values = memory?.values ?? Tensor(shape: [0, box.count])
        try Safetensors.write(
            [("scales", scales), ("states", keys), ("actions", values)],
            metadata: ActorHead.metadata(Self.kind, self), to: path)
    }

    init(_ file: Safetensors, _ head: ActorHead) throws(SafetensorsError) {
        self.init(stateCount: head.stateCount, box: head.box)
        let keys = try file.matrix("states", columns: stateCount)
        let values = try file.matrix("actions", columns: box.count)
        let scales = try file.tensor("scales")
        guard scales.shape == [stateCount] else {
            throw file.error(
                .wrongShape(
                    tensor: "scales", expected: [stateCount], found: scales.shape.dimensions))
        }
        guard values.shape[0] == keys.shape[0] else {
            throw file.error(
                .wrongShape(
                    tensor: "actions", expected: [keys.shape[0], box.count],
                    found: values.shape.dimensions))
        }
        guard keys.shape[0] > 0 else { return }
        inverses = scales.elements
        do {
            memory = try made(keys, values)
        } catch {
            throw file.error(
                .metadata(key: "policy.kind", expected: "finite numbers", found: "\(error)"))
        }
    }
}
