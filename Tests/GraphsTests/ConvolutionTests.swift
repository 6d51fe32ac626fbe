// The reference convolution against seven plain loops.
import Graphs
import Tensors
import TestSupport
import Testing

/// Convolution by its definition: one loop per index, nothing shared with the reference.
private func naive(
    _ x: Tensor<Double>, _ w: Tensor<Double>, _ bias: Tensor<Double>?, _ g: ConvolutionGeometry
) -> Tensor<Double> {
    let height =
        (x.shape[2] + g.paddingTop + g.paddingBottom - g.dilationY * (w.shape[2] - 1) - 1)
        / g.strideY + 1
    let width =
        (x.shape[3] + g.paddingLeft + g.paddingRight - g.dilationX * (w.shape[3] - 1) - 1)
        / g.strideX + 1
    var y = Tensor<Double>(shape: [x.shape[0], w.shape[0], height, width]) {
        $0.update(repeating: 0)
    }
    for n in 0..<x.shape[0] {
        for o in 0..<w.shape[0] {
            for row in 0..<height {
                for column in 0..<width {
                    var sum = bias?[o] ?? 0
                    for c in 0..<w.shape[1] {
                        for ky in 0..<w.shape[2] {
                            for kx in 0..<w.shape[3] {
                                let i = row * g.strideY + ky * g.dilationY - g.paddingTop
                                let j = column * g.strideX + kx * g.dilationX - g.paddingLeft
                                guard i >= 0, j >= 0, i < x.shape[2], j < x.shape[3] else {
                                    continue
                                }
                                let channel = o / (w.shape[0] / g.groups) * w.shape[1] + c
                                sum += w[o, c, ky, kx] * x[n, channel, i, j]
                            }
                        }
                    }
                    y[n, o, row, column] = sum
                }
            }
        }
    }
    return y
}

@Suite("Convolution")
struct ConvolutionTests {
    @Test("The reference equals seven plain loops on random geometries", arguments: 0..<40)
    func reference(_ seed: Int) throws {
        var random = RandomSource(seed: UInt64(100 + seed))
        func pick(_ options: [Int]) -> Int { options[random.index(below: options.count)] }
        var g = ConvolutionGeometry(groups: pick([1, 1, 2, 7, 17]))
        (g.strideY, g.strideX) = (pick([1, 2, 3]), pick([1, 2, 3]))
        (g.dilationY, g.dilationX) = (pick([1, 2, 3]), pick([1, 2]))
        (g.paddingTop, g.paddingBottom) = (pick([0, 1, 2, 5]), pick([0, 1, 2]))
        (g.paddingLeft, g.paddingRight) = (pick([0, 1, 2]), pick([0, 1, 2, 5]))
        let perGroup = pick([1, 1, 2, 3])
        let w = Tensor<Double>.uniform(
            [g.groups * pick([1, 2]), perGroup, pick([1, 2, 3]), pick([1, 3, 4])], using: &random)
        let x = Tensor<Double>.uniform(
            [pick([1, 2]), g.groups * perGroup, pick([7, 8, 9]), pick([7, 11])], using: &random)
        let bias = Tensor<Double>.uniform([w.shape[0]], using: &random)
        #expect(
            isClose(try apply(Convolution(g), x, w, bias), naive(x, w, bias, g).elements, 1e-12))
        #expect(isClose(try apply(Convolution(g), x, w), naive(x, w, nil, g).elements, 1e-12))
    }

    @Test("Both backward forms are adjoint to the forward form", arguments: operationCases)
    func adjoint(_ entry: OperationCase) throws {
        guard entry.name.hasPrefix("Convolution") else { return }
        let values = entry.inputs(seed: 9)
        let (x, w) = (values["x"]!, values["w"]!)
        guard
            let geometry = entry.graph.nodes.compactMap({ $0.operation as? Convolution }).first?
                .geometry
        else { return }
        let y = try apply(Convolution(geometry), x, w)
        let cotangent = random(y.shape)
        func product(_ a: Tensor<Double>, _ b: Tensor<Double>) -> Double {
            zip(a.elements, b.elements).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let expected = product(y, cotangent)
        let data = try apply(ConvolutionBackwardData(geometry), cotangent, w, x)
        let weights = try apply(ConvolutionBackwardWeights(geometry), cotangent, x, w)
        #expect(abs(product(data, x) - expected) <= 1e-9 * (1 + abs(expected)))
        #expect(abs(product(weights, w) - expected) <= 1e-9 * (1 + abs(expected)))
    }
}
