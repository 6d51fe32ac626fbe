// Pictures stored in the weights of a generative network, and found again from any part of them.
import Learning
import Networks
import Tensors

/// A generative network that predictive coding trains on pictures, and that completes and cleans them.
///
/// To store, pictures are held at the bottom, activities settle, weights follow. To complete, known entries are held
/// and all others settle; to clean, a noisy picture is held and replaced by what is predicted of it, again and again.
///
///     var memory = PredictiveCodingMemory(GenerativeNetwork([64, 256, 768]), using: &random)
///     try memory.store(pictures)
///     let whole = try memory.complete(eighths, knowing: mask)
///
/// - SeeAlso: Salvatori et al., "Associative Memories via Predictive Coding" (arXiv:2109.08063).
public struct PredictiveCodingMemory: Sendable {
    /// The network.
    public let network: GenerativeNetwork
    /// Π of the memory layer: how much activities there may differ from the memory vector. With 1 all pictures share
    /// one origin and weights grow until inference diverges; with 0 few known entries do not say which picture it is.
    public let priorPrecision: Double
    /// The memory vector and the weights.
    public internal(set) var parameters: Parameters
    /// Threads to compute with.
    public var threads = 1

    /// A memory that has stored nothing.
    public init(
        _ network: GenerativeNetwork, priorPrecision: Double = 0.1, using random: inout RandomSource
    ) {
        self.init(
            network, Parameters(initialising: network, using: &random),
            priorPrecision: priorPrecision)
    }

    /// A memory with the given weights.
    init(_ network: GenerativeNetwork, _ parameters: Parameters, priorPrecision: Double) {
        precondition(priorPrecision > 0, "a precision of \(priorPrecision)")
        (self.network, self.parameters, self.priorPrecision) = (network, parameters, priorPrecision)
    }

    /// Numbers in which everything is stored, however many pictures there are.
    public var parameterCount: Int { parameters.elementCount }

    /// The rule, with so many steps of inference.
    func rule(_ options: Options) -> PredictiveCoding {
        var rule = PredictiveCoding()
        (rule.steps, rule.momentum) = (options.steps, options.momentum)
        rule.precisions = ["memory": priorPrecision]
        return rule
    }

    /// How activities settle when a memory is asked.
    public struct Options: Sendable, Hashable {
        /// Steps of inference.
        public var steps: Int
        /// How much of a step is kept in the next: 0.9 needs a tenth of the steps of 0.
        public var momentum: Double

        /// So many steps.
        public init(steps: Int = 300, momentum: Double = 0.9) {
            precondition(steps > 0 && (0..<1).contains(momentum), "\(steps) steps, \(momentum)")
            (self.steps, self.momentum) = (steps, momentum)
        }
    }

    // MARK: - Queries

    /// Pictures completed from what is known of them.
    ///
    /// - Parameters:
    ///   - pictures: `[rows, d]`; what is not known does not matter.
    ///   - known: `[1, d]` or `[rows, d]`, not 0 where an entry is known.
    /// - Returns: `[rows, d]`: known entries as given, others as predicted.
    /// - Throws: ``MemoryError`` where what is known is not finite, ``LearningRuleError`` where activities diverge, and
    ///   what compiling throws.
    /// - SeeAlso: Salvatori et al. (arXiv:2109.08063), section 2.2.
    public func complete(
        _ pictures: Tensor<Float>, knowing known: Tensor<Float>, _ options: Options = Options()
    ) throws -> Tensor<Float> {
        let mask = try mask(known, for: pictures)
        let inference = try inference(for: pictures, options)
        let held = pictures.masked(by: mask)
        let settled = try inference.settle(held, knowing: mask)
        let predicted = try inference.pictures(of: settled.latents)
        return Tensor(shape: pictures.shape) { to in
            predicted.withUnsafeBufferPointer { predicted in
                held.withUnsafeBufferPointer { held in
                    mask.withUnsafeBufferPointer { mask in
                        for index in to.indices {
                            to[index] = mask[index] != 0 ? held[index] : predicted[index]
                        }
                    }
                }
            }
        }
    }

    /// Pictures with the noise taken out: held, and replaced by what is predicted of them, so many times.
    ///
    /// - Parameters:
    ///   - pictures: `[rows, d]`.
    ///   - rounds: How often.
    ///   - options: Each time.
    /// - Throws: As ``complete(_:knowing:_:)``.
    /// - SeeAlso: Salvatori et al. (arXiv:2109.08063), section 2.1, function F.
    public func denoise(
        _ pictures: Tensor<Float>, rounds: Int = 30, _ options: Options = Options(steps: 100)
    ) throws -> Tensor<Float> {
        precondition(rounds > 0, "\(rounds) rounds")
        let mask = try mask(Tensor(repeating: 1, shape: [1, network.pictureWidth]), for: pictures)
        let inference = try inference(for: pictures, options)
        var held = pictures
        var latents: GenerativeInference.Latents?
        for _ in 0..<rounds {
            let settled = try inference.settle(held, knowing: mask, from: latents)
            held = try inference.pictures(of: settled.latents)
            latents = settled.latents
        }
        return held
    }

    /// One side of associated pairs from the other: a pair is stored as one picture, side by side.
    ///
    /// - Parameters:
    ///   - values: What is known: `[rows, columns of the known side]`.
    ///   - side: The columns that `values` fill; the others are asked for.
    /// - Returns: The other columns, in order.
    /// - Throws: As ``complete(_:knowing:_:)``.
    /// - SeeAlso: Salvatori et al. (arXiv:2109.08063), hetero-associative memory.
    public func associate(
        _ values: Tensor<Float>, at side: Range<Int>, _ options: Options = Options()
    ) throws -> Tensor<Float> {
        let width = network.pictureWidth
        precondition(
            values.shape.rank == 2 && values.shape[1] == side.count
                && (0...width).contains(side.upperBound) && side.lowerBound >= 0,
            "\(values.shape) at columns \(side) of \(width)")
        let known = Tensor<Float>(
            (0..<width).map { side.contains($0) ? 1 : 0 }, shape: [1, width])
        var pictures = Tensor<Float>(shape: [values.shape[0], width])
        for row in 0..<values.shape[0] {
            for (position, column) in side.enumerated() {
                pictures[row, column] = values[row, position]
            }
        }
        return try complete(pictures, knowing: known, options)
            .gathered(columns: (0..<width).filter { !side.contains($0) })
    }

    // MARK: - Parts

    private func inference(
        for pictures: Tensor<Float>, _ options: Options
    ) throws -> GenerativeInference {
        let inference = try GenerativeInference(
            network, rule(options), rows: pictures.shape[0], threads: threads)
        inference.setParameters(parameters)
        return inference
    }

    /// 1 for each known entry, 0 for others: `[rows, d]`.
    private func mask(
        _ known: Tensor<Float>, for pictures: Tensor<Float>
    ) throws(MemoryError) -> Tensor<Float> {
        let width = network.pictureWidth
        precondition(
            pictures.shape.rank == 2 && pictures.shape[0] > 0 && pictures.shape[1] == width,
            "pictures \(pictures.shape) for a memory of [rows, \(width)]")
        precondition(
            known.shape == [1, width] || known.shape == pictures.shape,
            "known entries \(known.shape) for pictures \(pictures.shape)")
        let marks = known.elements
        let mask = Tensor<Float>(shape: pictures.shape) { to in
            for index in to.indices { to[index] = marks[index % marks.count] != 0 ? 1 : 0 }
        }
        try pictures.masked(by: mask).checkFinite()
        return mask
    }
}

extension Tensor where Scalar == Float {
    /// The entries where a mask is not 0, else 0.
    func masked(by mask: Tensor) -> Tensor {
        Tensor(shape: shape) { to in
            withUnsafeBufferPointer { x in
                mask.withUnsafeBufferPointer { mask in
                    for index in to.indices { to[index] = mask[index] != 0 ? x[index] : 0 }
                }
            }
        }
    }

    /// Refuses what is no number.
    func checkFinite() throws(MemoryError) {
        guard let wrong = withUnsafeBufferPointer({ x in x.firstIndex { !$0.isFinite } }) else {
            return
        }
        throw .notFinite(row: wrong / shape[1], column: wrong % shape[1])
    }
}
