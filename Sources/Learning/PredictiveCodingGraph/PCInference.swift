// The inference phase: activities descend their energy, each row of a batch at its own rate.
import Graphs
import Tensors

/// Settles activities, again and again for batches of one size.
///
/// A graph for one step is prepared once and run many times with its state carried. Rows do not
/// know of each other: what one settles to does not depend on the rest of its batch.
///
/// - SeeAlso: Salvatori et al. (arXiv:2201.13180), inference of PC graphs.
public final class PCInference<Scalar: TensorScalar> {
    /// What is lowered.
    public let energy: PCEnergy
    /// How, and for how many rows.
    public let options: PCInferenceOptions, rows: Int
    /// Θ.
    public var weights: Tensor<Scalar> {
        didSet {
            step.setWeights(weights)
            curvature?.setWeights(weights)
        }
    }
    private let step: PCEvaluator<Scalar>
    private var curvature: PCEvaluator<Scalar>?
    private let prepare: (Graph) throws -> PCEvaluator<Scalar>

    init(
        _ energy: PCEnergy, _ weights: Tensor<Scalar>, rows: Int, _ options: PCInferenceOptions,
        prepare: @escaping (Graph) throws -> PCEvaluator<Scalar>
    ) throws {
        (self.energy, self.options, self.rows) = (energy, options, rows)
        (self.weights, self.prepare) = (weights, prepare)
        step = try prepare(energy.stepGraph(momentum: options.momentum))
        step.setWeights(weights)
    }

    /// Inference by the references, in any scalar.
    public convenience init(
        reference energy: PCEnergy, weights: Tensor<Scalar>, rows: Int,
        options: PCInferenceOptions = PCInferenceOptions()
    ) throws {
        try self.init(energy, weights, rows: rows, options) { .reference($0) }
    }

    // MARK: - Rates

    /// The automatic rate of each row: one over the largest curvature that its first gradient meets.
    ///
    /// Power iteration on products with the energy's second derivative starts from the gradient:
    /// to second order activities only ever move in what those products span. The bound
    /// 1 / (1 + σ²) by the largest singular value of Θ holds for layers, but not for cycles.
    ///
    /// - Returns: One rate per row; 1 where there is nothing to descend.
    public func automaticRates(of query: PCQuery<Scalar>) throws -> [Double] {
        let fixed = ["activities": query.activities, "free": query.free]
        var direction = try stepOutputs(
            query.activities, free: query.free, rates: [Double](repeating: 0, count: rows),
            velocity: zeros)["slope"]!
        let product: PCEvaluator<Scalar>
        if let curvature {
            product = curvature
        } else {
            product = try prepare(energy.curvatureGraph)
            product.setWeights(weights)
            curvature = product
        }
        var lengths = [Double](repeating: 0, count: rows)
        _ = normaliseRows(&direction)
        for round in 0..<12 {
            let inputs = round == 0 ? fixed : [:]
            let outputs = try product.evaluate(inputs.merging(["direction": direction]) { $1 })
            direction = outputs["product"]!
            lengths = normaliseRows(&direction)
        }
        return lengths.map { $0.isFinite && $0 > 1e-9 ? 1 / $0 : 1 }
    }

    // MARK: - Descent

    /// Lets free activities settle.
    ///
    /// - Parameter rates: First rates of the rows, where they are known already; nil measures them.
    /// - Returns: The last activities whose energy was found not to rise.
    /// - Throws: ``PCError``, and what compiling throws.
    public func settle(
        _ query: PCQuery<Scalar>, rates known: [Double]? = nil
    ) throws -> PCActivities<Scalar> {
        precondition(query.rows == rows, "a batch of \(query.rows), not \(rows)")
        if let group = firstGroupNotFinite(in: query) {
            throw PCError.valuesNotFinite(group: group)
        }
        var rates: [Double]
        switch options.rate {
        case .automatic: rates = try known ?? automaticRates(of: query)
        case .fixed(let rate): rates = [Double](repeating: rate, count: rows)
        }
        var descent = PCDescent(
            energy.topology, from: query.activities, rates: rates, options: options)
        var velocity = zeros
        for round in 0...options.steps {
            let outputs = try stepOutputs(
                descent.tried, free: query.free, rates: descent.rates, velocity: velocity)
            guard descent.judge(outputs["energies"]!, slope: outputs["slope"]!) else {
                if round == 0 { throw PCError.weightsNotFinite }
                throw try divergence(of: query, at: round, descent)
            }
            if descent.isSettled || round == options.steps { break }
            descent.advance(to: outputs["activities"]!)
            if let next = outputs["velocity"] { velocity = next }
        }
        return descent.result
    }

    private var zeros: Tensor<Scalar> {
        Tensor(shape: [rows, energy.topology.vertexCount]) { $0.update(repeating: 0) }
    }

    private func stepOutputs(
        _ activities: Tensor<Scalar>, free: Tensor<Scalar>, rates: [Double],
        velocity: Tensor<Scalar>
    ) throws -> [String: Tensor<Scalar>] {
        var inputs = [
            "activities": activities, "free": free,
            "rate": Tensor(rates.map { Scalar($0) }, shape: [rows, 1]),
        ]
        if options.momentum != 0 { inputs["velocity"] = velocity }
        return try step.evaluate(inputs)
    }

    // MARK: - Failures

    private func firstGroupNotFinite(in query: PCQuery<Scalar>) -> String? {
        let width = energy.topology.vertexCount
        let bad = query.activities.elements.firstIndex { !$0.isFinite }
        return bad.flatMap { bad in
            energy.topology.groups.first { $0.range.contains(bad % width) }?.name
        }
    }

    private func divergence(
        of query: PCQuery<Scalar>, at round: Int, _ descent: PCDescent<Scalar>
    ) throws -> PCError {
        let row = descent.divergedRow ?? 0
        return PCError.diverged(
            group: descent.largestGroup(inRow: row), step: round, rate: descent.rates[row],
            // Gradient descent on a parabola is stable below two over its curvature.
            limit: 2 * (try automaticRates(of: query)[row]))
    }

    /// Gives every row the length 1; returns the lengths from before.
    private func normaliseRows(_ x: inout Tensor<Scalar>) -> [Double] {
        let (rows, width) = (x.shape[0], x.shape[1])
        return x.withUnsafeMutableBufferPointer { x in
            (0..<rows).map { row in
                let range = row * width..<(row + 1) * width
                var sum = 0.0
                for index in range { sum += Double(x[index]) * Double(x[index]) }
                let length = sum.squareRoot()
                guard length > 0, length.isFinite else { return length }
                for index in range { x[index] = Scalar(Double(x[index]) / length) }
                return length
            }
        }
    }
}

extension PCInference where Scalar == Float {
    /// Inference compiled for `rows` rows.
    ///
    /// - Throws: What `Plan` throws.
    public convenience init(
        compiling energy: PCEnergy, weights: Tensor<Float>, rows: Int,
        options: PCInferenceOptions = PCInferenceOptions(), threads: Int = 1
    ) throws {
        try self.init(energy, weights, rows: rows, options) {
            try .compiled($0, of: energy, rows: rows, threads: threads)
        }
    }
}
