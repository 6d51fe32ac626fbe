// What one trained predictive-coding graph answers to the four queries.
import Learning
import Tensors

/// Answers of one graph, measured on test pictures.
struct PCGraphFigures: Sendable {
    /// Part of the pictures whose label has the largest vertex, pixels held.
    var accuracy = 0.0
    /// Classes of which the picture drawn with the label held is recognised by the judge, and by the
    /// nearest mean.
    var drawn = 0.0, drawnNearMean = 0.0
    /// Squared error of the lower half, with the upper half held.
    var completion = 0.0
    /// Squared error of noisy pictures after the first steps from them.
    var denoised = 0.0
    /// The same where the other vertices had settled while the noisy pixels were held.
    var denoisedFromRest = 0.0
    /// Edges of the graph, and seconds of training.
    var edges = 0, seconds = 0.0
    /// Accuracy by number of steps.
    var accuracies: [(steps: Int, accuracy: Double)] = []
    /// Energy of each group while pixels are held: its name, and its values by step.
    var energies: [(group: String, values: [Double])] = []

    /// How held pixels and labels are answered: valleys are long, so that momentum is needed to
    /// reach their bottom.
    static func options(steps: Int = 100) -> PCInferenceOptions {
        PCInferenceOptions(steps: steps, momentum: 0.9, tolerance: 1e-3)
    }
    /// Trains a graph and asks it.
    init(
        _ variant: PCGraphs.Variant, _ split: PCPictureSplit, hidden: Int, judge: PCGraphPeers,
        threads: Int, drawsCurves: Bool, using random: inout RandomSource
    ) throws {
        let (train, test) = (split.train, split.test)
        let topology = variant.topology(train.pixelCount, hidden, &random)
        var graph = PredictiveCodingGraph(PCEnergy(topology), using: &random)
        graph.threads = threads
        edges = topology.edgeCount
        var data = ["pixels": train.pictures, "label": train.targets()]
        if variant.hasConstant { data["one"] = Tensor(repeating: 1, shape: [train.count, 1]) }
        let time = try ContinuousClock().measure {
            try graph.train(
                clamped: data, PCTraining(epochs: 15, decay: variant.decay), using: &random)
        }
        seconds = Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18

        func query(_ rows: Int, _ body: (inout PCQuery<Float>) -> Void) -> PCQuery<Float> {
            var query = PCQuery<Float>(topology, rows: rows)
            if variant.hasConstant {
                query.condition("one", on: Tensor(repeating: 1, shape: [rows, 1]))
            }
            body(&query)
            return query
        }
        let pixels = query(test.count) { $0.condition("pixels", on: test.pictures) }
        func accuracy(_ answer: PCActivities<Float>) -> Double {
            answer["label"].largestColumns.accuracy(against: test.labels)
        }
        self.accuracy = accuracy(try graph.answer(pixels, Self.options()))
        if drawsCurves {
            // Without momentum, whose way down goes up at times.
            for steps in [1, 2, 5, 10, 20, 50, 100, 200] {
                let answer = try graph.answer(
                    pixels, PCInferenceOptions(steps: steps, tolerance: 0))
                accuracies.append((steps, accuracy(answer)))
                energies = topology.groups.enumerated().map { index, group in
                    (group.name, answer.trace.map { $0[index] })
                }
            }
        }

        let labels = Array(0..<10)
        let pictures = try graph.answer(
            query(labels.count) { $0.condition("label", on: labels.codes()) },
            Self.options())["pixels"]
        let count = Double(labels.count)
        drawn = try count * judge.classifier(pictures).largestColumns.accuracy(against: labels)
        drawnNearMean =
            count
            * PCGraphPeers.nearest(pictures, judge.classMeans).accuracy(against: labels)

        let half = test.pixelCount / 2
        completion = try graph.answer(
            query(test.count) { $0.condition("pixels", on: test.pictures) { $1 < half } },
            Self.options())["pixels"]
            .columns(half..<test.pixelCount)
            .squaredError(to: test.pictures.columns(half..<test.pixelCount))

        let tried = train.prefix(300).pictures
        let trial = PCGraphPeers.noised(tried, &random)
        for settlesFirst in [false, true] {
            func errors(_ noisy: Tensor<Float>, _ clean: Tensor<Float>) throws -> [Double] {
                var start = query(clean.shape[0]) { $0.initialise("pixels", with: noisy) }
                if settlesFirst {
                    let held = try graph.answer(
                        query(clean.shape[0]) { $0.condition("pixels", on: noisy) },
                        Self.options())
                    for group in topology.groups where group.name != "one" {
                        start.initialise(group.name, with: held[group.name])
                    }
                }
                return try Self.denoisingErrors(of: graph, start, to: clean)
            }
            // Steps are chosen on training pictures.
            let choices = try errors(trial, tried)
            let best = choices.firstIndex(of: choices.min()!)!
            let error = try errors(judge.noisy, test.pictures)[best]
            if settlesFirst { denoisedFromRest = error } else { denoised = error }
        }
    }

    /// Squared errors of pixels after 1, 2, 3, 5, 8, 12, 20 and 40 steps.
    ///
    /// A graph forgets a picture that it only starts at, so that time has to be taken in small
    /// pieces: steps are a quarter of the automatic ones.
    private static func denoisingErrors(
        of graph: PredictiveCodingGraph, _ start: PCQuery<Float>, to clean: Tensor<Float>
    ) throws -> [Double] {
        var rates: [Double]?
        var state = start
        return try [1, 1, 1, 2, 3, 4, 8, 20].map { steps in
            let inference = try PCInference(
                compiling: graph.energy, weights: graph.weights, rows: start.rows,
                options: PCInferenceOptions(steps: steps, tolerance: 0), threads: graph.threads)
            let known = try rates ?? inference.automaticRates(of: start).map { $0 / 4 }
            let settled = try inference.settle(state, rates: known)
            rates = settled.rates
            for group in graph.topology.groups where group.name != "one" {
                state.initialise(group.name, with: settled[group.name])
            }
            return settled["pixels"].squaredError(to: clean)
        }
    }
}
