// The bookkeeping of one descent: which rows took their step, which take half of it back, which rest.
import Tensors

/// State of a batch on its way down.
///
/// Each row has its own rate. A row whose energy rose goes back half of its last step, and takes
/// half as long ones from then on; a row that has settled stays where it is.
struct PCDescent<Scalar: TensorScalar> {
    /// Activities whose energy is asked next.
    private(set) var tried: Tensor<Scalar>
    /// The rate of each row.
    private(set) var rates: [Double]
    /// The first row whose energy is not finite or has grown too much.
    private(set) var divergedRow: Int?
    private let topology: PCTopology, options: PCInferenceOptions
    private var accepted: Tensor<Scalar>
    private var first: [Double] = [], current: [Double] = []
    /// Energies of the groups of each row, where it stands now.
    private var groups: [Double]
    private var isResting: [Bool]
    private var rejected: [Int] = []
    private var stepsBack: [Int]
    private var trace: [[Double]] = []
    private var halvings = 0

    init(
        _ topology: PCTopology, from x: Tensor<Scalar>, rates: [Double],
        options: PCInferenceOptions
    ) {
        (self.topology, self.options, self.rates) = (topology, options, rates)
        (tried, accepted) = (x, x)
        groups = [Double](repeating: 0, count: rates.count * topology.groups.count)
        isResting = [Bool](repeating: false, count: rates.count)
        stepsBack = [Int](repeating: 0, count: rates.count)
    }

    /// Whether every row rests.
    var isSettled: Bool { isResting.allSatisfy { $0 } }

    /// Whether a rise of energy is taken back; heavy balls may roll uphill.
    private var isMonotone: Bool { options.rate == .automatic && options.momentum == 0 }

    /// Takes the energies and slopes of the tried activities; false where a row diverged.
    mutating func judge(_ energies: Tensor<Scalar>, slope: Tensor<Scalar>) -> Bool {
        let found = groupSums(energies)
        let count = topology.groups.count
        let totals = rates.indices.map { row in
            found[row * count..<(row + 1) * count].reduce(0, +)
        }
        let slopes = rowLengths(slope)
        if trace.isEmpty { (first, current) = (totals, totals) }
        rejected = []
        for row in rates.indices where !isResting[row] {
            if isMonotone, !trace.isEmpty, !(totals[row] <= current[row]) {
                rejected.append(row)
                continue
            }
            // What descends never comes near ten times its first energy, balls that roll included.
            guard totals[row].isFinite, totals[row] <= 10 * first[row] else {
                divergedRow = row
                return false
            }
            current[row] = totals[row]
            stepsBack[row] = 0
            for group in 0..<count { groups[row * count + group] = found[row * count + group] }
            isResting[row] = slopes[row] <= options.tolerance
        }
        var next = tried
        for row in rejected { copy(row, of: accepted, to: &next) }
        accepted = next
        trace.append(
            topology.groups.indices.map { group in
                rates.indices.reduce(0) { $0 + groups[$1 * count + group] } / Double(rates.count)
            })
        return true
    }

    /// Goes on: to `next` where the last step was good, half of it back where it was not.
    mutating func advance(to next: Tensor<Scalar>) {
        let before = tried
        tried = next
        for row in rejected {
            halvings += 1
            rates[row] /= 2
            stepsBack[row] += 1
            moveHalfway(row, from: before)
            // Below that a rise is rounding: the row is at the bottom.
            if stepsBack[row] > 24 { isResting[row] = true }
        }
        for row in rates.indices where isResting[row] { copy(row, of: accepted, to: &tried) }
    }

    /// What is known at the end.
    var result: PCActivities<Scalar> {
        PCActivities(
            topology: topology, all: accepted, trace: trace, rowEnergies: current, rates: rates,
            halvings: halvings, settledCount: isResting.reduce(0) { $0 + ($1 ? 1 : 0) })
    }

    /// The group of a row with the largest activity, or the first that is not finite.
    func largestGroup(inRow row: Int) -> String {
        let x = tried.elements[row * topology.vertexCount..<(row + 1) * topology.vertexCount]
        let sizes = topology.groups.map { group in
            x[x.startIndex + group.range.lowerBound..<x.startIndex + group.range.upperBound]
                .reduce(0.0) { $1.isFinite ? max($0, abs(Double($1))) : .infinity }
        }
        return topology.groups[sizes.firstIndex(of: sizes.max()!)!].name
    }

    // MARK: - Rows

    private func groupSums(_ energies: Tensor<Scalar>) -> [Double] {
        let width = topology.vertexCount
        var sums = [Double](repeating: 0, count: groups.count)
        energies.withUnsafeBufferPointer { energies in
            var position = 0
            for row in rates.indices {
                for group in topology.groups {
                    var sum = 0.0
                    for vertex in group.range { sum += Double(energies[row * width + vertex]) }
                    sums[position] = sum
                    position += 1
                }
            }
        }
        return sums
    }

    /// The root mean square of each row.
    private func rowLengths(_ x: Tensor<Scalar>) -> [Double] {
        let width = topology.vertexCount
        return x.withUnsafeBufferPointer { x in
            rates.indices.map { row in
                var sum = 0.0
                for index in row * width..<(row + 1) * width {
                    sum += Double(x[index]) * Double(x[index])
                }
                return (sum / Double(width)).squareRoot()
            }
        }
    }

    private func copy(_ row: Int, of source: Tensor<Scalar>, to target: inout Tensor<Scalar>) {
        let width = topology.vertexCount
        source.withUnsafeBufferPointer { source in
            target.withUnsafeMutableBufferPointer { target in
                for index in row * width..<(row + 1) * width { target[index] = source[index] }
            }
        }
    }

    /// Puts a row of `tried` between its accepted place and `there`.
    private mutating func moveHalfway(_ row: Int, from there: Tensor<Scalar>) {
        let width = topology.vertexCount
        accepted.withUnsafeBufferPointer { here in
            there.withUnsafeBufferPointer { there in
                tried.withUnsafeMutableBufferPointer { tried in
                    for index in row * width..<(row + 1) * width {
                        tried[index] = here[index] + (there[index] - here[index]) / 2
                    }
                }
            }
        }
    }
}
