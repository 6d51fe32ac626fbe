// A Hopfield network that learns digits by equilibrium propagation.
import Compute
import Learning
import Tensors

/// Trains a dense Hopfield network with one hidden layer by the symmetric estimate.
///
/// Hard squashing settles in few steps, and the nudged phases in fewer.
///
/// - SeeAlso: Ernoult et al. (arXiv:1905.13633) for hard squashing and few steps;
///   Laborieux et al. (arXiv:2006.03824) for a rate per layer.
struct EquilibriumDigits {
    /// Neurons of the hidden layer, pictures of a step, and rounds over all pictures.
    var hidden = 256
    var batch = 20
    var epochs = 3
    /// The nudging of the symmetric estimate.
    var nudging = 0.5
    /// Steps of the free phase and of each nudged one.
    var freeSteps = 20
    var nudgedSteps = 4
    /// What the start and the order of pictures are drawn with.
    var seed: UInt64 = 1
    /// First learning rate of each layer; both fall to 0 in a straight line.
    var rates = [0.4, 0.1]

    /// A network in training.
    final class Run {
        let settings: EquilibriumDigits
        private let network: EquilibriumNetwork<HopfieldEnergy<HardSquashing>, Float>
        private var parameters: [String: Tensor<Float>] = [:]
        private var random: RandomSource
        private var step = 0

        init(_ settings: EquilibriumDigits, pixels: Int, seed: UInt64, threads: Int) {
            self.settings = settings
            random = RandomSource(seed: seed)
            let model = HopfieldEnergy(
                widths: [pixels, settings.hidden, 10], squashing: HardSquashing())
            let options = PlanOptions(threads: threads)
            network = EquilibriumNetwork(
                model,
                Relaxation(
                    rate: 1, freeSteps: settings.freeSteps, nudgedSteps: settings.nudgedSteps)
            ) { CompiledGraph($0, options: options) }
            for declaration in model.declarations {
                parameters[declaration.path] = declaration.initialiser.tensor(
                    declaration.shape, using: &random)
            }
            network.setParameters(parameters)
        }

        /// Learns from all pictures once, in random order.
        func learn(_ pictures: LabelledPictures) throws {
            let order = (0..<pictures.count).shuffled(using: &random)
            let count = pictures.count / settings.batch
            precondition(count > 0, "\(pictures.count) pictures fill no batch")
            let estimator = FreePhaseContrast(.symmetric, nudging: settings.nudging)
            for index in 0..<count {
                let batch = pictures.selecting(
                    order[index * settings.batch..<(index + 1) * settings.batch])
                let estimate = try estimator.estimate(
                    network, EnergyExample(input: batch.pictures, target: batch.targets()))
                descend(
                    estimate.gradients, share: 1 - Double(step) / Double(count * settings.epochs))
                step += 1
            }
        }

        /// A step of gradient descent with each layer's own rate, on the mean over the batch.
        private func descend(_ gradients: [String: Tensor<Float>], share: Double) {
            for (layer, rate) in settings.rates.enumerated() {
                let scale = Float(share * rate / Double(settings.batch))
                for path in ["\(layer).weight", "\(layer).bias"] {
                    let gradient = gradients[path]!
                    parameters[path]!.withUnsafeMutableBufferPointer { values in
                        gradient.withUnsafeBufferPointer { gradient in
                            for i in values.indices { values[i] -= scale * gradient[i] }
                        }
                    }
                }
            }
            network.setParameters(parameters)
        }

        /// The share of pictures that the free phase names correctly.
        func accuracy(_ pictures: LabelledPictures) throws -> Double {
            let size = 500
            var correct = 0
            for first in stride(from: 0, to: pictures.count, by: size) {
                let part = pictures.selecting(first..<min(first + size, pictures.count))
                let example = EnergyExample(input: part.pictures, target: part.targets())
                let free = try network.freeEquilibrium(example)
                let answers = free.activities[network.model.clampedActivity]!.elements
                for (row, label) in part.labels.enumerated() {
                    let scores = answers[row * 10..<row * 10 + 10]
                    let best = scores.indices.max { scores[$0] < scores[$1] }!
                    if best - scores.startIndex == label { correct += 1 }
                }
            }
            return Double(correct) / Double(pictures.count)
        }
    }

    /// Trains and measures, and appends what was found.
    ///
    /// - Parameter expected: The accuracy on test pictures that is to be reached.
    func report(
        _ pictures: (training: LabelledPictures, test: LabelledPictures), expected: Double,
        _ setting: ExperimentSetting, to result: inout ExperimentResult
    ) throws {
        let origin = pictures.training.origin
        let run = Run(
            self, pixels: pictures.training.pixelCount, seed: seed, threads: setting.threads)
        var table = ResultTable(
            "Equilibrium propagation on \(origin)", columns: ["rounds", "test accuracy"])
        var chart = Chart(
            "Equilibrium propagation on \(origin)", x: Chart.Axis("rounds over the pictures"),
            y: Chart.Axis("test accuracy"))
        var points: [Chart.Point] = []
        for epoch in 1...epochs {
            try run.learn(pictures.training)
            let accuracy = try run.accuracy(pictures.test)
            setting.observe(
                "\(origin), round \(epoch) of \(epochs): \((100 * accuracy).significant(3)) %")
            table.append(.number(Double(epoch)), .number(accuracy))
            points.append(Chart.Point(Double(epoch), accuracy))
        }
        chart.series = [Chart.Series("symmetric estimate, λ = \(nudging)", points)]
        let last = points.last?.y ?? 0
        result.tables.append(table)
        result.charts.append(chart)
        result.findings.append(
            ResultFinding(
                "\(origin): test accuracy of \((100 * expected).significant(3)) % or more",
                found: "\((100 * last).significant(3)) %", holds: last >= expected))
        result.notes.append(
            "Hopfield network \(pictures.training.pixelCount)-\(hidden)-10, batch \(batch), λ = "
                + "\(nudging), \(freeSteps) free and 2 x \(nudgedSteps) nudged steps, rates "
                + "\(rates) falling to 0; one start.")
    }
}
