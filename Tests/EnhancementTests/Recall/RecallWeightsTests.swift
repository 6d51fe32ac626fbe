// What is known of recalled pictures beside plain sums, and what weights make of it.
import CKernels
import Glibc
import Motion
import Tensors
import TestSupport
import Testing

@testable import Enhancement

@Suite("Weights of what is recalled")
struct RecallWeightsTests {
    private func packets(_ height: Int, _ width: Int, _ value: () -> Float) -> Tensor<Float> {
        Tensor(shape: [4, height, width]) { to in for index in to.indices { to[index] = value() } }
    }

    private func features(
        _ decoded: Tensor<Float>, _ recalled: Tensor<Float>, flow: Flow? = nil, error: Float = 50,
        recalledError: Float = 50, distance: Float = 0, threads: Int = 1
    ) -> RecallFeatures {
        RecallFeatures(
            decoded: decoded, recalled: recalled,
            from: .init(
                flow: flow ?? Flow(width: 2 * decoded.shape[2], height: 2 * decoded.shape[1]),
                error: error, recalledError: recalledError, distance: distance), threads: threads)
    }

    @Test(
        "Features are logarithms of plain sums, at edges too, on any number of threads",
        arguments: [1, 3])
    func reference(threads: Int) {
        var random = RandomSource(seed: 5)
        // The last blocks have 3 columns and 1 row; motion has fewer columns than packets.
        let (height, width) = (13, 19)
        let a = packets(height, width) { Float(20 * random.normal()) }
        let b = packets(height, width) { Float(20 * random.normal()) }
        var flow = Flow(width: 36, height: 26)
        flow.x.withUnsafeMutableBufferPointer {
            for i in $0.indices { $0[i] = Float(random.normal()) }
        }
        flow.y.withUnsafeMutableBufferPointer {
            for i in $0.indices { $0[i] = Float(random.normal()) }
        }
        let found = features(
            a, b, flow: flow, error: 40, recalledError: 30, distance: 2, threads: threads)
        #expect(found.values.shape == [9, 4, 5] && found.differences.shape == [4, 5])
        let (x, y) = (a.elements, b.elements)
        var whole = [Float](repeating: 0, count: 20), coarse = whole, detail = whole, other = whole
        var rough = whole
        for block in 0..<20 {
            let ys = block / 5 * 4..<min(block / 5 * 4 + 4, height)
            let xs = block % 5 * 4..<min(block % 5 * 4 + 4, width)
            let samples = Float(4 * ys.count * xs.count)
            for c in 0..<4 {
                for v in ys {
                    for u in xs {
                        let at = (c * height + v) * width + u
                        whole[block] += (x[at] - y[at]) * (x[at] - y[at]) / samples
                        if c > 0 { detail[block] += x[at] * x[at] / samples }
                        if c > 0 { other[block] += y[at] * y[at] / samples }
                    }
                }
            }
            var parts: [Float] = []
            for v in stride(from: ys.lowerBound, to: ys.upperBound, by: 2) {
                for u in stride(from: xs.lowerBound, to: xs.upperBound, by: 2) {
                    // LL is twice the mean of 2x2 samples.
                    var sum: Float = 0, count: Float = 0
                    for row in v..<min(v + 2, ys.upperBound) {
                        for column in u..<min(u + 2, xs.upperBound) {
                            sum += (x[row * width + column] - y[row * width + column]) / 2
                            count += 1
                        }
                    }
                    let mean = sum / count
                    parts.append(mean * mean)
                }
            }
            coarse[block] = parts.reduce(0, +) / Float(parts.count)
            for plane in [flow.x.elements, flow.y.elements] {
                rough[block] += variance(plane, rows: ys, columns: xs, width: 18)
            }
        }
        let middle = coarse.map { $0 / 40 }.sorted()[10]
        #expect(abs(found.coarse - middle) < 1e-4)
        for block in 0..<20 {
            var around: Float = 0
            for v in -1...1 {
                for u in -1...1 {
                    around +=
                        whole[min(max(block / 5 + v, 0), 3) * 5 + min(max(block % 5 + u, 0), 4)] / 9
                }
            }
            let differs: Float = whole[block] / 40, halves: Float = coarse[block] / 40
            let own: Float = detail[block] / 40, its: Float = other[block] / 40
            var expected: [Float] = [logf(differs + 0.01), logf(halves + 0.001)]
            expected += [logf(around / 40 + 0.01), logf(middle + 0.01), logf(0.75), logf(2.1)]
            expected += [logf(own + 0.01), logf((its + 0.02) / (own + 0.02))]
            expected.append(logf(rough[block] + 0.01))
            for (feature, value) in expected.enumerated() {
                let given = found.values.elements[feature * 20 + block]
                #expect(abs(given - value) < 2e-3, "block \(block), feature \(feature)")
            }
            #expect(abs(found.differences.elements[block] - whole[block] / 40) < 1e-3)
        }
    }

    private func variance(
        _ values: [Float], rows: Range<Int>, columns: Range<Int>, width: Int
    ) -> Float {
        var inside: [Float] = []
        for row in rows {
            for column in columns where column < width {
                inside.append(values[row * width + column])
            }
        }
        guard !inside.isEmpty else { return 0 }
        let mean: Float = inside.reduce(0, +) / Float(inside.count)
        let squares: [Float] = inside.map { ($0 - mean) * ($0 - mean) }
        return squares.reduce(0, +) / Float(inside.count)
    }

    @Test(
        "Weights are the logistic polynomial, for counts that fill no vector too",
        arguments: [1, 16, 37])
    func polynomial(count: Int) {
        var random = RandomSource(seed: 8)
        func numbers(_ count: Int, _ scale: Double) -> [Float] {
            (0..<count).map { _ in Float(scale * random.normal()) }
        }
        let features = numbers(9 * count, 3), means = numbers(9, 1), coefficients = numbers(55, 0.3)
        let deviations = numbers(9, 1).map { abs($0) + 0.5 }
        var weights = [Float](repeating: 0, count: count)
        percept_recall_weights(features, count, means, deviations, coefficients, 0.8, &weights, 2)
        for block in 0..<count {
            let x = (0..<9).map {
                min(max((features[$0 * count + block] - means[$0]) / deviations[$0], -3), 3)
            }
            var terms: [Float] = [1] + x
            for i in 0..<9 { for j in i..<9 { terms.append(x[i] * x[j]) } }
            let sum = zip(terms, coefficients).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(abs(weights[block] - 0.8 / (1 + expf(-sum))) < 1e-4)
        }
    }

    @Test("Packets are blended by weights that lie at the centres of blocks", arguments: [1, 2])
    func blend(threads: Int) {
        let (width, height) = (10, 6)
        let weights: [Float] = [0, 0.4, 0.8, 0.2, 0.6, 1]
        var packets = (0..<4 * width * height).map { Float($0 % 7) }
        let before = packets, others = (0..<4 * width * height).map { Float($0 % 11) }
        percept_recall_blend(others, weights, Int32(width), Int32(height), &packets, Int32(threads))
        func place(_ at: Int, _ count: Int) -> (Int, Int, Float) {
            let centre = max((Float(at) + 0.5) / 4 - 0.5, 0), low = min(Int(centre), count - 1)
            return (low, min(low + 1, count - 1), centre - Float(Int(centre)))
        }
        for index in packets.indices {
            let (top, bottom, down) = place(index / width % height, 2)
            let (left, right, across) = place(index % width, 3)
            func line(_ column: Int) -> Float {
                weights[3 * top + column] + down
                    * (weights[3 * bottom + column] - weights[3 * top + column])
            }
            let weight = line(left) + across * (line(right) - line(left))
            #expect(abs(packets[index] - weight * (others[index] - before[index])) < 1e-4)
        }
    }

    @Test(
        "What differs as two codings do is believed; what was coded alike, or is something else, is not"
    )
    func extremes() {
        var random = RandomSource(seed: 1)
        func noise(_ size: Double) -> Tensor<Float> {
            packets(16, 24) { Float(size * random.normal()) }
        }
        func mean(_ features: RecallFeatures) -> Float {
            let values = RecallWeights(features).values.elements
            return values.reduce(0, +) / Float(values.count)
        }
        // Errors of 50 each.
        let coded = features(noise(7), noise(7), distance: 0.5)
        #expect(RecallWeights(coded).isWorthIt && mean(coded) > 0.2)
        let picture = noise(7)
        let same = features(picture, picture, distance: 0.1)
        #expect(mean(same) < 0.5 * mean(coded) && !RecallWeights(same).isWorthIt)
        // A better coded one counts for more than a worse one.
        let (a, b) = (noise(7), noise(5))
        #expect(
            mean(features(a, b, recalledError: 25, distance: 0.5))
                > mean(features(a, b, recalledError: 100, distance: 0.5)))
        // Farther apart in all than anything that weights were fitted to.
        let other = features(noise(7), noise(120), distance: 20)
        #expect(!other.isKnown && !RecallWeights(other).isWorthIt)
    }

    @Test("A block that differs counts less than the others")
    func blocks() {
        var random = RandomSource(seed: 2)
        let (a, b) = (
            packets(16, 24) { Float(7 * random.normal()) },
            packets(16, 24) { Float(7 * random.normal()) }
        )
        var changed = b
        changed.withUnsafeMutableBufferPointer { to in
            for c in 0..<4 {
                for y in 4..<8 { for x in 8..<12 { to[(c * 16 + y) * 24 + x] += 60 } }
            }
        }
        let before = RecallWeights(features(a, b, distance: 0.5)).values.elements
        let after = RecallWeights(features(a, changed, distance: 0.5)).values.elements
        #expect(after[8] < 0.5 * before[8])
        // Those far from it as before.
        #expect(abs(after[23] - before[23]) < 0.02)
    }
}
