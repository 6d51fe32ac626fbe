// Cases of norms and losses, which are composed of operations.
import Graphs
import Tensors

/// A norm where pictures stand as convolutions like them, their channels in blocks.
private func normBetweenConvolutions(channels: Int) -> OperationCase {
    let operands: [String: Operand] = [
        "x": .uniform([2, 5, 9, 11]), "first": .weights([channels, 5, 3, 3]),
        "second": .weights([4, channels, 1, 1]), "scale": .weights([channels], 0.5..<1.5),
        "shift": .weights([channels]),
    ]
    return OperationCase("Batch norm of \(channels) channels between convolutions", operands) {
        let scale = NormScale(scale: $0["scale"]!, shift: $0["shift"]!)
        return $0["x"]!.convolved(with: $0["first"]!, ConvolutionGeometry(padding: 1))
            .batchNorm(scale).result.silu.convolved(with: $0["second"]!, ConvolutionGeometry())
    }
}

/// Batch, instance, layer and group norm.
let normCases: [OperationCase] = {
    func operands(_ shape: Shape, features: Shape) -> [String: Operand] {
        ["x": .uniform(shape), "scale": .weights(features, 0.5..<1.5), "shift": .weights(features)]
    }
    func scale(_ values: [String: Value]) -> NormScale {
        NormScale(scale: values["scale"]!, shift: values["shift"]!)
    }
    var statistics = operands([2, 17, 3, 5], features: [17])
    statistics["mean"] = .weights([17])
    statistics["variance"] = .weights([17], 0.5..<2)
    return [
        OperationCase("Batch norm", operands([3, 7, 5, 3], features: [7]), twice: true) {
            $0["x"]!.batchNorm(scale($0)).result
        },
        OperationCase("Batch norm of more than a chunk", operands([2, 3, 9, 131], features: [3])) {
            $0["x"]!.batchNorm(scale($0)).result
        },
        normBetweenConvolutions(channels: 17), normBetweenConvolutions(channels: 32),
        OperationCase("Batch norm's statistics", ["x": .uniform([3, 7, 5, 3])], twice: true) {
            let zeros = 0 * $0["x"]!.mean([0, 2, 3])
            let batch = $0["x"]!.batchNorm(NormScale(scale: zeros, shift: zeros))
            return batch.mean * batch.variance
        },
        OperationCase("Batch norm by running statistics", statistics, twice: true) {
            $0["x"]!.batchNorm(scale($0), mean: $0["mean"]!, variance: $0["variance"]!)
        },
        OperationCase("Instance norm", operands([2, 7, 5, 3], features: [7]), twice: true) {
            $0["x"]!.instanceNorm(scale($0))
        },
        OperationCase("Instance norm without scale", ["x": .uniform([1, 17, 3, 5])], twice: true) {
            $0["x"]!.instanceNorm()
        },
        OperationCase("Layer norm", operands([3, 5, 17], features: [17]), twice: true) {
            $0["x"]!.layerNorm(scale($0))
        },
        OperationCase(
            "Layer norm over two axes", operands([2, 7, 5], features: [7, 5]), twice: true
        ) {
            $0["x"]!.layerNorm(axes: [-2, -1], scale($0))
        },
        OperationCase("Group norm", operands([2, 14, 3, 5], features: [14]), twice: true) {
            $0["x"]!.groupNorm(groups: 7, scale($0))
        },
    ]
}()

/// Losses.
let lossCases: [OperationCase] = {
    let pair: [String: Operand] = ["x": .distinct([2, 7, 3, 5]), "t": .between([2, 7, 3, 5])]
    let pictures: [String: Operand] = [
        "x": .uniform([2, 3, 13, 11], 0..<1), "t": .uniform([2, 3, 13, 11], 0..<1),
    ]
    return [
        OperationCase("L1", pair, twice: true) { $0["x"]!.absoluteError(to: $0["t"]!) },
        OperationCase("L2", pair, twice: true) { $0["x"]!.squaredError(to: $0["t"]!) },
        OperationCase("Charbonnier", pair, twice: true) {
            $0["x"]!.charbonnier(to: $0["t"]!, epsilon: 0.1)
        },
        OperationCase(
            "Cross-entropy of indices",
            ["x": .uniform([5, 7], -3..<3), "t": .indices([5], below: 7)], twice: true
        ) { $0["x"]!.crossEntropy(indices: $0["t"]!) },
        OperationCase(
            "Cross-entropy of pixels",
            ["x": .uniform([2, 17, 3, 1]), "t": .indices([2, 3, 1], below: 17)], twice: true
        ) { $0["x"]!.crossEntropy(indices: $0["t"]!) },
        OperationCase(
            "Cross-entropy of probabilities",
            ["x": .uniform([3, 7], -3..<3), "t": .uniform([3, 7], 0..<1)], twice: true
        ) { $0["x"]!.crossEntropy(probabilities: $0["t"]!, axis: -1) },
        OperationCase(
            "Binary cross-entropy",
            ["x": .uniform([2, 7, 3], -4..<4), "t": .uniform([2, 7, 3], 0..<1)], twice: true
        ) { $0["x"]!.binaryCrossEntropy(targets: $0["t"]!) },
        OperationCase(
            "Focal cross-entropy",
            ["x": .uniform([3, 17], -4..<4), "t": .indices([3, 17], below: 2)], twice: true
        ) { $0["x"]!.focalCrossEntropy(labels: $0["t"]!, balance: 0.25, focus: 2) },
        OperationCase(
            "Focal cross-entropy of a small focus",
            ["x": .uniform([7, 5], -4..<4), "t": .indices([7, 5], below: 2)], twice: true
        ) { $0["x"]!.focalCrossEntropy(labels: $0["t"]!, focus: 0.2) },
        OperationCase("SSIM", pictures, twice: true) {
            $0["x"]!.structuralDissimilarity(to: $0["t"]!)
        },
        OperationCase("SSIM, window 5, peak 255", pictures) {
            (255 * $0["x"]!).structuralSimilarity(to: 255 * $0["t"]!, peak: 255, window: 5)
        },
    ]
}()
