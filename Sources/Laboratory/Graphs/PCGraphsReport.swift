// Tables, curves and findings of the experiment on predictive-coding graphs.

/// Figures of all variants over all seeds, and what they say.
struct PCGraphsReport {
    /// By variant and seed.
    let figures: [[PCGraphFigures]]
    /// By seed.
    let peers: [PCGraphPeers]
    /// Whether the pictures are strokes, for which there are expectations.
    let isStrokes: Bool

    var result: ExperimentResult {
        var result = ExperimentResult()
        result.tables = [queries, peersTable]
        result.charts = [accuracyChart, energyChart]
        if isStrokes { result.findings = findings }
        result.notes = notes
        return result
    }

    private func cell(_ values: [Double]) -> ResultCell {
        Spread(values).cell
    }

    private var queries: ResultTable {
        var table = ResultTable(
            "One trained graph, four queries (squared errors)",
            columns: [
                "graph", "edges", "classified", "drawn, of 10", "nearest mean, of 10",
                "lower half", "denoised", "denoised from rest", "training (s)",
            ])
        for (variant, runs) in zip(PCGraphs.variants, figures) {
            table.append(
                .text(variant.name), .number(Double(runs[0].edges)), cell(runs.map(\.accuracy)),
                cell(runs.map(\.drawn)), cell(runs.map(\.drawnNearMean)),
                cell(runs.map(\.completion)), cell(runs.map(\.denoised)),
                cell(runs.map(\.denoisedFromRest)), cell(runs.map(\.seconds)))
        }
        return table
    }

    private var peersTable: ResultTable {
        var table = ResultTable(
            "Answers with one task each", columns: ["task", "by", "measure", "value"])
        func append(_ task: String, _ by: String, _ key: KeyPath<PCGraphPeers, Double>) {
            let measure = task == "classify" ? "accuracy" : "squared error"
            table.append(
                .text(task), .text(by), .text(measure), cell(peers.map { $0[keyPath: key] }))
        }
        append("classify", "network of one hidden layer (the judge)", \.accuracy)
        append("classify", "nearest class mean", \.meanAccuracy)
        append("complete the lower half", "mean picture", \.meanCompletion)
        append("complete the lower half", "network of like size", \.completion)
        append("denoise", "nothing done", \.noisyError)
        append("denoise", "best multiple of the picture", \.scaled)
        append("denoise", "each pixel drawn to its mean", \.drawnToMean)
        append("denoise", "network of like size", \.denoised)
        return table
    }

    private var accuracyChart: Chart {
        var chart = Chart(
            "Accuracy against steps of inference", x: .init("steps", isLogarithmic: true),
            y: .init("accuracy"))
        for (variant, runs) in zip(PCGraphs.variants, figures) where !runs[0].accuracies.isEmpty {
            chart.series.append(
                .init(
                    variant.name,
                    runs[0].accuracies.map { .init(Double($0.steps), $0.accuracy) }))
        }
        return chart
    }

    private var energyChart: Chart {
        var chart = Chart(
            "Energy of the complete graph while it classifies", x: .init("step"),
            y: .init("energy per picture", isLogarithmic: true))
        for (group, values) in figures[0][0].energies {
            chart.series.append(
                .init(group, values.enumerated().map { .init(Double($0), max($1, 1e-9)) }))
        }
        return chart
    }

    // MARK: - Expectations

    private var findings: [ResultFinding] {
        func values(_ variant: Int, _ key: KeyPath<PCGraphFigures, Double>) -> [Double] {
            figures[variant].map { $0[keyPath: key] }
        }
        func mean(_ values: [Double]) -> Double { Spread(values).mean }
        let judge = mean(peers.map(\.accuracy))
        let accuracy = mean(values(0, \.accuracy))
        let drawn = values(0, \.drawn)
        let (completion, plain) = (
            mean(values(0, \.completion)), mean(peers.map(\.meanCompletion))
        )
        let (denoised, noisy) = (mean(values(0, \.denoised)), mean(peers.map(\.noisyError)))
        let blank = mean(values(1, \.completion))
        let fromRest = mean(values(0, \.denoisedFromRest))
        let toMean = mean(peers.map(\.drawnToMean))
        let near = mean(values(0, \.drawnNearMean))
        let oneWay = mean(values(5, \.drawnNearMean))
        return [
            ResultFinding(
                "the judge tells at least 0.97 of the test pictures", found: text(judge),
                holds: judge >= 0.97),
            ResultFinding(
                "the complete graph classifies at least 0.88", found: text(accuracy),
                holds: accuracy >= 0.88),
            ResultFinding(
                "it draws 10 of 10 classes at every seed",
                found: drawn.map { "\(Int($0.rounded()))" }.joined(separator: ", "),
                holds: drawn.allSatisfy { $0 > 9.5 }),
            ResultFinding(
                "it completes the lower half better than the mean picture, \(text(plain))",
                found: text(completion), holds: completion < plain),
            ResultFinding(
                "it brings noisy pictures nearer than \(text(noisy))", found: text(denoised),
                holds: denoised < noisy),
            ResultFinding(
                "from rest it denoises better than drawing pixels to their means, \(text(toMean))",
                found: text(fromRest), holds: fromRest < toMean),
            ResultFinding(
                "without decay it completes worse", found: text(blank), holds: blank > completion),
            ResultFinding(
                "layers towards the label only draw at most 3 classes nearest to their own mean,"
                    + " the complete graph at least 7",
                found: "\(text(oneWay)), \(text(near))", holds: oneWay <= 3 && near >= 7),
        ]
    }

    private var notes: [String] {
        func winner(_ task: String, _ graph: Double, _ network: Double) -> String {
            "\(task): graph \(text(graph)), network trained by backpropagation for this task alone"
                + " \(text(network)); \(graph < network ? "the graph" : "the network") is better"
        }
        func mean(_ values: [Double]) -> Double { Spread(values).mean }
        return [
            winner(
                "completion", mean(figures[0].map(\.completion)), mean(peers.map(\.completion))),
            winner(
                "denoising", mean(figures[0].map(\.denoised)), mean(peers.map(\.denoised))),
            winner(
                "denoising from rest", mean(figures[0].map(\.denoisedFromRest)),
                mean(peers.map(\.denoised))),
            "denoising starts at the noisy pixels with all vertices free; \"from rest\" the others"
                + " have settled before, while those pixels were held, which the paper does not do",
        ]
    }

    private func text(_ value: Double) -> String { value.fixed(4) }
}
