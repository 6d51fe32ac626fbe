// Residual blocks in 8 bits: equal to the same arithmetic in plain Swift, and close to floats.
import CKernels
import Graphs
import TestSupport
import Tensors
import Testing

@testable import Compute

/// x + conv2(relu(conv1(x))), several times.
private struct Chain {
    let channels: Int, height: Int, width: Int, blocks: Int
    var batch = 1
    var graph: Graph {
        Graph.build { builder in
            var x = builder.input("x")
            for block in 0..<blocks {
                func convolved(_ value: Value, _ name: String) -> Value {
                    value.convolved(
                        with: builder.parameter("\(block).\(name).weight"),
                        bias: builder.parameter("\(block).\(name).bias"),
                        ConvolutionGeometry(padding: 1))
                }
                x = x + convolved(convolved(x, "a").relu, "b")
            }
            builder.output(x, "y")
        }
    }

    var input: Tensor<Float> {
        var random = RandomSource(seed: UInt64(width))
        return .normal([batch, channels, height, width], deviation: 2, using: &random)
    }

    var parameters: [String: Tensor<Float>] {
        var random = RandomSource(seed: UInt64(channels + height))
        var values: [String: Tensor<Float>] = [:]
        let deviation = 1 / Double(9 * channels).squareRoot()
        for block in 0..<blocks {
            for name in ["a", "b"] {
                values["\(block).\(name).weight"] = .normal(
                    [channels, channels, 3, 3], deviation: deviation, using: &random)
                values["\(block).\(name).bias"] = .normal(
                    [channels], deviation: 0.3, using: &random)
            }
        }
        return values
    }

    func plan(_ options: PlanOptions) throws -> Plan {
        let shapes = parameters.mapValues(\.shape).merging(["x": input.shape]) { $1 }
        let plan = try Plan(graph, shapes: shapes, options: options)
        plan.setParameters(parameters)
        return plan
    }

    /// Measured on the input itself.
    func calibration() throws -> Calibration {
        let meter = try CalibrationMeter(
            graph, parameters: parameters, inputs: ["x": input.shape], threads: 1)
        try meter.observe(["x": input])
        return meter.calibration
    }

    func result(_ precision: Precision, _ calibration: Calibration?, threads: Int = 1) throws
        -> Tensor<Float>
    {
        let options = PlanOptions(precision: precision, threads: threads, calibration: calibration)
        return try plan(options).run(["x": input])["y"]!
    }
}

/// The block as it is defined: every row by the kernel that F(2, 3) makes of the rounded weights.
private struct PlainBlock {
    let channels: Int, height: Int, width: Int

    struct Convolution {
        /// `[row parity][three taps down][three across][output][input]`
        var kernels: [[[[[Int]]]]] = []
        var scale: [Float] = []
        let inputScale: [Float], zero: [Int]

        init(_ weights: Tensor<Float>, _ ranges: Calibration.Ranges) {
            let channels = weights.shape[0]
            inputScale = zip(ranges.low, ranges.high).map { $1 > $0 ? ($1 - $0) / 127 : 1 }
            zero = zip(ranges.low, inputScale).map { Int((-$0 / $1).rounded(.toNearestOrEven)) }
            func w(_ o: Int, _ i: Int, _ y: Int, _ x: Int) -> Float {
                weights.withUnsafeBufferPointer { $0[((o * channels + i) * 3 + y) * 3 + x] }
            }
            let none = [[[Int]]](
                repeating: [[Int]](
                    repeating: [Int](repeating: 0, count: channels), count: channels), count: 3)
            kernels = [[[[[Int]]]]](repeating: [none, none, none], count: 2)
            for o in 0..<channels {
                var transformed: [(i: Int, x: Int, values: [Float])] = []
                for i in 0..<channels {
                    for x in 0..<3 {
                        let (a, b, c) = (w(o, i, 0, x), w(o, i, 1, x), w(o, i, 2, x))
                        let values = [a, (a + c + b) / 2, (a + c - b) / 2, c]
                        transformed.append((i, x, values.map { $0 * inputScale[i] }))
                    }
                }
                let largest = transformed.flatMap(\.values).map(abs).max()!
                scale.append(largest / 127)
                for (i, x, values) in transformed {
                    let u = values.map { Int(($0 / scale[o]).rounded(.toNearestOrEven)) }
                    for (y, tap) in [u[0], u[1] - u[2], u[1] + u[2] - u[0]].enumerated() {
                        kernels[0][y][x][o][i] = tap
                    }
                    for (y, tap) in [u[1] + u[2] - u[3], u[1] - u[2], u[3]].enumerated() {
                        kernels[1][y][x][o][i] = tap
                    }
                }
            }
        }
    }

    /// Sums `[channel][y][x]` of activations less the activation of 0.
    func convolve(_ x: [[[Int]]], _ c: Convolution) -> [[[Int]]] {
        var result = x
        for row in 0..<height {
            for column in 0..<width {
                for o in 0..<channels {
                    var sum = 0
                    for dy in 0..<3 {
                        for dx in 0..<3 {
                            let (yy, xx) = (row + dy - 1, column + dx - 1)
                            guard (0..<height).contains(yy), (0..<width).contains(xx) else {
                                continue
                            }
                            let taps = c.kernels[row % 2][dy][dx][o]
                            for i in 0..<channels { sum += taps[i] * (x[i][yy][xx] - c.zero[i]) }
                        }
                    }
                    result[o][row][column] = sum
                }
            }
        }
        return result
    }

    private func activation(_ value: Float) -> Int {
        Int(min(max(value, 0), 127).rounded(.toNearestOrEven))
    }

    /// The block's result; bfloat16 if `isReduced`.
    func callAsFunction(
        _ x: [[[Float]]], _ a: Convolution, _ b: Convolution, bias: ([Float], [Float]),
        isReduced: Bool
    ) -> [[[Float]]] {
        var result = x
        let q = x.indices.map { channel in
            x[channel].map { row in
                row.map {
                    activation(
                        Float(a.zero[channel]).addingProduct($0, 1 / a.inputScale[channel]))
                }
            }
        }
        let sums = convolve(q, a)
        let middle = sums.indices.map { channel in
            let step = b.inputScale[channel]
            return sums[channel].map { row in
                row.map {
                    activation(
                        (bias.0[channel] / step).addingProduct(Float($0), a.scale[channel] / step))
                }
            }
        }
        let branch = convolve(middle, b)
        for channel in 0..<channels {
            for y in 0..<height {
                for column in 0..<width {
                    let sum =
                        x[channel][y][column]
                        + bias.1[channel].addingProduct(
                            Float(branch[channel][y][column]), b.scale[channel])
                    result[channel][y][column] = isReduced ? rounded(sum) : sum
                }
            }
        }
        return result
    }

    private func rounded(_ value: Float) -> Float {
        let bits = value.bitPattern
        return Float(bitPattern: (bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff_0000)
    }
}

private func elements(_ tensor: Tensor<Float>) -> [Float] {
    tensor.withUnsafeBufferPointer { Array($0) }
}

@Suite("Residual blocks in 8 bits")
struct ResidualBlock8Tests {
    @Test(
        "A chain equals the same arithmetic in plain Swift, bit for bit",
        arguments: [
            (16, 9, 13, 2), (16, 8, 24, 1), (16, 1, 1, 1), (32, 5, 50, 1), (48, 6, 15, 3),
            (64, 2, 49, 1),
        ])
    func equalsPlain(channels: Int, height: Int, width: Int, blocks: Int) throws {
        let chain = Chain(channels: channels, height: height, width: width, blocks: blocks)
        let calibration = try chain.calibration()
        let plan = try chain.plan(PlanOptions(precision: .int8, calibration: calibration))
        #expect(plan.listing.count { $0.hasPrefix("ResidualBlock 8 bits") } == blocks)
        let found = elements(try plan.run(["x": chain.input])["y"]!)

        let plain = PlainBlock(channels: channels, height: height, width: width)
        let values = elements(chain.input)
        var x = (0..<channels).map { channel in
            (0..<height).map { y in
                (0..<width).map { values[(channel * height + y) * width + $0] }
            }
        }
        let parameters = chain.parameters
        for block in 0..<blocks {
            let a = PlainBlock.Convolution(
                parameters["\(block).a.weight"]!, calibration["\(block).a.weight"]!)
            let b = PlainBlock.Convolution(
                parameters["\(block).b.weight"]!, calibration["\(block).b.weight"]!)
            x = plain(
                x, a, b,
                bias: (
                    elements(parameters["\(block).a.bias"]!),
                    elements(parameters["\(block).b.bias"]!)
                ), isReduced: block < blocks - 1)
        }
        #expect(found == x.flatMap { $0.flatMap { $0 } })
    }

    @Test("The error beside floats is small", arguments: [16, 32, 48])
    func error(channels: Int) throws {
        let chain = Chain(channels: channels, height: 40, width: 50, blocks: 3)
        let exact = try chain.result(.f32, nil)
        let found = try chain.result(.int8, chain.calibration())
        var (squares, all) = (0.0, 0.0)
        for (a, b) in zip(elements(found), elements(exact)) {
            squares += Double((a - b) * (a - b))
            all += Double(b * b)
        }
        let error = (squares / all).squareRoot()
        #expect(error > 1e-4, "nothing was rounded")
        #expect(error < 0.05, "\(error)")
    }

    @Test("Threads change no bit, nor do other pictures of a batch")
    func threads() throws {
        let one = Chain(channels: 16, height: 41, width: 30, blocks: 2)
        let calibration = try one.calibration()
        let expected = try one.result(.int8, calibration)
        for threads in [2, 3, 7, 40] {
            #expect(try one.result(.int8, calibration, threads: threads) == expected)
        }
        var three = one
        three.batch = 3
        let all = elements(try three.result(.int8, calibration))
        // Random numbers begin alike: the first picture is the same.
        #expect(Array(all.prefix(expected.count)) == elements(expected))
        #expect(Array(all.suffix(expected.count)) != elements(expected))
    }

    @Test("Windows that begin at even rows change no bit of what they answer for")
    func windows() throws {
        let chain = Chain(channels: 16, height: 36, width: 40, blocks: 1)
        let calibration = try chain.calibration()
        let whole = elements(try chain.result(.int8, calibration))
        let input = elements(chain.input)
        let (top, left, height, width) = (6, 5, 14, 21)
        let part = Tensor<Float>(shape: [1, 16, height, width]) { target in
            for index in target.indices {
                let (channel, y, x) = (
                    index / (height * width), index / width % height, index % width
                )
                target[index] = input[(channel * 36 + top + y) * 40 + left + x]
            }
        }
        let shapes = chain.parameters.mapValues(\.shape).merging(["x": part.shape]) { $1 }
        let plan = try Plan(
            chain.graph, shapes: shapes,
            options: PlanOptions(precision: .int8, calibration: calibration))
        plan.setParameters(chain.parameters)
        let found = elements(try plan.run(["x": part])["y"]!)
        for channel in 0..<16 {
            for y in 2..<height - 2 {
                for x in 2..<width - 2 {
                    let there = whole[(channel * 36 + top + y) * 40 + left + x]
                    #expect(found[(channel * height + y) * width + x] == there)
                }
            }
        }
    }

    @Test("New parameters take effect")
    func parameters() throws {
        let chain = Chain(channels: 16, height: 10, width: 10, blocks: 1)
        let plan = try chain.plan(
            PlanOptions(precision: .int8, calibration: try chain.calibration()))
        let before = try plan.run(["x": chain.input])["y"]!
        #expect(before != chain.input)
        plan.setParameters([
            "0.b.weight": Tensor(repeating: 0, shape: [16, 16, 3, 3]),
            "0.b.bias": Tensor(repeating: 0, shape: [16]),
        ])
        #expect(try plan.run(["x": chain.input])["y"]! == chain.input)
    }

    @Test("What is not calibrated, or no such block, is computed in floats")
    func floats() throws {
        let chain = Chain(channels: 16, height: 20, width: 20, blocks: 2)
        func blocks(_ calibration: Calibration?) throws -> Int {
            try chain.plan(PlanOptions(precision: .int8, calibration: calibration)).listing
                .count { $0.hasPrefix("ResidualBlock") }
        }
        let calibration = try chain.calibration()
        #expect(try blocks(calibration) == 2)
        #expect(try blocks(nil) == 0)
        var ranges = calibration.ranges
        ranges["0.b.weight"] = nil
        #expect(try blocks(Calibration(ranges)) == 1)
        ranges["1.a.weight"] = Calibration.Ranges(low: [-1], high: [1])
        #expect(try blocks(Calibration(ranges)) == 0)
        let odd = Chain(channels: 24, height: 20, width: 20, blocks: 1)
        let meter = try CalibrationMeter(
            odd.graph, parameters: odd.parameters, inputs: ["x": odd.input.shape], threads: 1)
        #expect(meter.isEmpty)
    }

    @Test("The plain kernel and that of dot products give equal bits")
    func kernels() {
        guard percept_residual8_has_vnni() != 0 else { return }
        var memory: [UnsafeMutableRawPointer] = []
        defer { memory.forEach { $0.deallocate() } }
        func kept<Element>(_ values: [Element]) -> UnsafePointer<Element> {
            let copy = UnsafeMutablePointer<Element>.allocate(capacity: values.count)
            copy.initialize(from: values, count: values.count)
            memory.append(UnsafeMutableRawPointer(copy))
            return UnsafePointer(copy)
        }
        let (channels, height, width) = (32, 7, 53)
        var random = RandomSource(seed: 9)
        func bytes(_ count: Int) -> [Int8] {
            (0..<count).map { _ in Int8(random.index(below: 255) - 127) }
        }
        func numbers(_ range: ClosedRange<Float>, _ count: Int) -> [Float] {
            elements(
                .uniform(
                    [count], in: Double(range.lowerBound)..<Double(range.upperBound), using: &random
                ))
        }
        let weights = [bytes(channels * channels * 12), bytes(channels * channels * 12)]
        let starts = (0..<4 * channels).map { _ in Int32(random.index(below: 9999)) - 5000 }
        let scale = numbers(10...20, channels), zero = numbers(30...90, channels)
        let factor = numbers(0.0001...0.001, channels), offset = numbers(0...50, channels)
        let pad = zero.map { UInt8($0) }
        var x = numbers(-9...9, channels * height * width)
        // Out of every range, and none at all.
        (x[5], x[700], x[40]) = (.infinity, -1e30, .nan)
        func convolution(_ weights: [Int8]) -> percept_convolution8 {
            percept_convolution8(
                weights: kept(weights), starts: kept(starts), factor: kept(factor),
                offset: kept(offset))
        }
        var shape = percept_residual8(
            height: Int32(height), width: Int32(width), blocks: Int32(channels / 16),
            reads_float: 1, writes_float: 1, scale: kept(scale), zero: kept(zero), pad: kept(pad),
            first: convolution(weights[0]), second: convolution(weights[1]), uses_vnni: 0)
        func result(vnni: Bool, threads: Int32) -> [UInt32] {
            shape.uses_vnni = vnni ? 1 : 0
            var y = [Float](repeating: 0, count: x.count)
            let scratch = UnsafeMutableRawPointer.allocate(
                byteCount: percept_residual8_scratch(&shape, threads), alignment: 64)
            defer { scratch.deallocate() }
            percept_residual8_run(&shape, x, &y, scratch, threads)
            return y.map(\.bitPattern)
        }
        let plain = result(vnni: false, threads: 1)
        #expect(result(vnni: true, threads: 1) == plain)
        #expect(result(vnni: true, threads: 3) == plain)
    }
}
