// Pooling, resizing, shuffling, packets, warps and boxes: known values and laws.
import Graphs
import Tensors
import TestSupport
import Testing

@Suite("Operations on pictures")
struct PictureOperationTests {
    private let x = pattern([1, 1, 5, 4])

    @Test("Pooling has the values of ONNX Runtime, with and without counted padding")
    func pooling() throws {
        var geometry = PoolingGeometry(kernel: 3, stride: 2)
        (geometry.kernelWidth, geometry.strideX) = (2, 1)
        (geometry.paddingTop, geometry.paddingRight) = (1, 1)
        let without = try apply(AveragePooling(geometry, countsPadding: false), x)
        #expect(
            isClose(
                without, [6.25, 8.75, 11.25, 12.5, 11.666667, 10.333333, 9, 8.333333], 1e-6))
        let with = try apply(AveragePooling(geometry), x)
        #expect(
            isClose(
                with, [4.166667, 5.833333, 7.5, 4.166667, 11.666667, 10.333333, 9, 4.166667], 1e-6))
        let largest = try apply(MaximumPooling(geometry), x)
        #expect(largest.elements == [14, 15, 19, 19, 21, 21, 16, 16])
    }

    @Test("Padding is never largest, even among negative numbers")
    func negativeMaxima() throws {
        let negative = Tensor<Double>(repeating: -3, shape: [1, 1, 2, 2])
        let result = try apply(
            MaximumPooling(.init(kernel: 2, stride: 1, padding: 1)), negative)
        #expect(result.elements == Array(repeating: -3, count: 9))
    }

    @Test("Of equal elements in a window, the first gets the cotangent")
    func ties() throws {
        let equal = Tensor<Double>(repeating: 1, shape: [1, 1, 2, 2])
        let result = try apply(
            MaximumPoolingBackward(.init(kernel: 2)), Tensor([5], shape: [1, 1, 1, 1]), equal)
        #expect(result.elements == [5, 0, 0, 0])
    }

    @Test("Resizing by 3 / 2 and 1 / 2 has the values of ONNX Runtime")
    func resize() throws {
        let scale = ResizeScale(3, over: 2)
        let smooth = try apply(Resize(.bilinear, scaleY: scale, scaleX: scale), x)
        #expect(smooth.shape == [1, 1, 7, 6])
        let rows = [
            0, 7, 12.5, 6.5, 12, 19, 5, 6.25, 7.916666, 9.583333, 11.25, 12.5, 11.666666, 7.166667,
            4.361111, 11.138888, 10.25, 7.666666, 18.333332, 13.833332, 8.472221, 5.027779, 9.25,
            14.333332, 13.5, 14.75, 14.5, 8.500001, 8.25, 9.5, 8.666668, 13.75, 17.972221,
            14.527779, 9.166668, 4.666667, 15.333336, 12.75, 11.861109, 18.638889, 15.833335,
            11.333336,
        ]
        #expect(isClose(smooth, rows, 1e-5))
        let nearest = try apply(Resize(.nearest, scaleY: scale, scaleX: scale), x)
        #expect(
            Array(nearest.elements.prefix(18)) == [
                0, 14, 14, 5, 19, 19, 10, 1, 1, 15, 6, 6, 10, 1, 1, 15, 6, 6,
            ])
        let half = ResizeScale(1, over: 2)
        let small = try apply(Resize(.nearest, scaleY: half, scaleX: half), x)
        #expect(small.elements == [1, 6, 21, 3])
    }

    @Test("Resizing to a size equals resizing by the scale between the sizes")
    func resizeLike() throws {
        let scale = ResizeScale(2)
        for interpolation in [Interpolation.nearest, .bilinear] {
            let byScale = try apply(Resize(interpolation, scaleY: scale, scaleX: scale), x)
            #expect(try apply(ResizeLike(interpolation), x, byScale) == byScale)
            #expect(try apply(ResizeLike(interpolation), x, x) == x)
        }
        let doubled = try apply(
            Resize(.nearest, scaleY: scale, scaleX: ResizeScale(1)), pattern([1, 1, 2, 2]))
        #expect(doubled.elements == [0, 14, 0, 14, 5, 19, 5, 19])
    }

    @Test("Packets follow the formula, subband-major")
    func packets() throws {
        // One block a b c d = 1, 2, 4, 8 by rows a c / b d, and a second channel of twice that.
        let block = Tensor<Double>([1, 4, 2, 8, 2, 8, 4, 16], shape: [1, 2, 2, 2])
        let result = try apply(HaarPackets(), block)
        #expect(result.shape == [1, 8, 1, 1])
        #expect(result.elements == [7.5, 15, 4.5, 9, 2.5, 5, 1.5, 3])
    }

    @Test("Packets of whole numbers come back bit for bit, over three levels", arguments: 1...3)
    func packetRoundTrip(_ levels: Int) throws {
        var source = RandomSource(seed: 12)
        let shape: Shape = [2, 3, 8 * 3, 8 * 5]
        let samples = Tensor<Float>(shape: shape) { result in
            for i in 0..<result.count { result[i] = Float(source.index(below: 4096)) }
        }
        var packets = samples
        for _ in 0..<levels { packets = HaarPackets().forward([packets]) }
        #expect(packets.shape == [2, 3 << (2 * levels), 24 >> levels, 40 >> levels])
        for _ in 0..<levels { packets = InverseHaarPackets().forward([packets]) }
        #expect(packets == samples)
    }

    @Test("Packets keep the energy of a picture")
    func packetEnergy() throws {
        let picture = random([1, 2, 6, 10])
        let packets = try apply(HaarPackets(), picture)
        func energy(_ x: Tensor<Double>) -> Double { x.elements.reduce(0) { $0 + $1 * $1 } }
        #expect(abs(energy(packets) - energy(picture)) <= 1e-12 * energy(picture))
    }

    @Test("Shuffled channels become rows and columns of blocks, and come back")
    func shuffle() throws {
        let x = Tensor<Double>((0..<16).map(Double.init), shape: [1, 8, 1, 2])
        let y = try apply(PixelShuffle(2), x)
        #expect(y.shape == [1, 2, 2, 4])
        #expect(y.elements == [0, 2, 1, 3, 4, 6, 5, 7, 8, 10, 9, 11, 12, 14, 13, 15])
        #expect(try apply(PixelUnshuffle(2), y) == x)
    }

    @Test("Warps have the values of ONNX Runtime's GridSample")
    func warp() throws {
        let pictures = pattern([1, 2, 5, 4])
        let horizontal = (0..<20).map { (i: Int) -> Double in Double(i * 13 % 11 - 5) * 0.37 }
        let vertical = (0..<20).map { (i: Int) -> Double in Double(i * 7 % 9 - 4) * 0.41 }
        let flow = Tensor<Double>(horizontal + vertical, shape: [1, 2, 5, 4])
        let zero = try apply(Warp(), pictures, flow)
        #expect(
            isClose(
                Tensor(Array(zero.elements.prefix(20)), shape: [20]),
                [
                    0, 10.947001, 8.9409, 7.0623, 10.0177, 7.788001, 13.52, 12.66, 11.8, 8.787201,
                    2.755999, 13.750001, 0, 12.03, 6.721203, 0, 19.900002, 4.575999, 12.260001, 0,
                ], 1e-4))
        let edge = try apply(Warp(border: .replicate), pictures, flow)
        #expect(
            isClose(
                Tensor(Array(edge.elements.suffix(20)), shape: [20]),
                [
                    4, 11.01, 12.9409, 0, 17.01, 11.788002, 8.4672, 16.66, 11.66, 12.787201, 9.3,
                    9.734498, 6.900002, 9.4773, 8.179998, 15.199999, 4.35, 12.800001, 10.132799, 17,
                ], 1e-4))
    }

    @Test("A flow of 0 changes nothing; a whole flow moves pixels, x to the right, y down")
    func wholeFlows() throws {
        let pictures = random([2, 3, 4, 5])
        let still = Tensor<Double>(repeating: 0, shape: [2, 2, 4, 5])
        for border in [Border.zero, .replicate] {
            #expect(try apply(Warp(border: border), pictures, still) == pictures)
        }
        let picture = Array(repeating: 1.0, count: 20) + Array(repeating: -2.0, count: 20)
        let flow = Tensor<Double>(picture + picture, shape: [2, 2, 4, 5])
        let moved = try apply(Warp(), pictures, flow)
        for y in 0..<4 {
            for x in 0..<5 {
                let expected = y >= 2 && x < 4 ? pictures[1, 2, y - 2, x + 1] : 0
                #expect(moved[1, 2, y, x] == expected)
            }
        }
    }

    @Test("A flow that is not a number reads no memory outside the picture")
    func wildFlows() throws {
        let pictures = Tensor<Float>(repeating: 1, shape: [1, 1, 3, 3])
        for wild in [Float.nan, .infinity, -.infinity, 1e30, -1e30] {
            let flow = Tensor<Float>(repeating: wild, shape: [1, 2, 3, 3])
            #expect(Warp().forward([pictures, flow]).elements.allSatisfy { $0 == 0 })
            #expect(
                Warp(border: .replicate).forward([pictures, flow]).elements.allSatisfy { $0 == 1 })
        }
    }

    @Test("Boxes have the values of ONNX Runtime's RoiAlign")
    func boxes() throws {
        let features = pattern([1, 2, 5, 4])
        let boxes = Tensor<Double>([0, 0.5, 1, 3.2, 4.1, 0, -1, 0, 2, 6], shape: [2, 5])
        let fixed = RoIAlign(outputHeight: 2, outputWidth: 2, spatialScale: 0.9, samplingRatio: 2)
        let expected = [
            7.568327, 9.217705, 14.895081, 9.417513, 9.297472, 13.107548, 7.414919, 10.408647, 4.25,
            8.804688, 6.406251, 13.476562, 3.23125, 10.540624, 7.687499, 10.648439,
        ]
        #expect(isClose(try apply(fixed, features, boxes), expected, 1e-5))
        let one = try apply(Slice(axis: 0, from: 0, to: 1), boxes)
        let adaptive = RoIAlign(outputHeight: 2, outputWidth: 1)
        #expect(
            isClose(
                try apply(adaptive, features, one), [8.738646, 12.712292, 11.234062, 9.464896], 1e-5
            ))
        let unaligned = RoIAlign(
            outputHeight: 2, outputWidth: 1, samplingRatio: 2, aligned: false)
        #expect(
            isClose(
                try apply(unaligned, features, one), [8.936172, 13.40875, 12.165313, 8.934687], 1e-5
            )
        )
    }
}
