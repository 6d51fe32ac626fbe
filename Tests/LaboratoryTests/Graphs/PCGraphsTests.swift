import Tensors
import Testing

@testable import Laboratory

@Suite struct PCGraphsTests {
    @Test("Pictures from elsewhere are measured in full, without expectations")
    func otherPictures() throws {
        let experiment = PCGraphs { _, seed in
            var random = RandomSource(seed: seed)
            return PCPictureSplit(
                train: StrokePictures().draw(100, using: &random),
                test: StrokePictures().draw(50, using: &random))
        }
        var setting = ExperimentSetting()
        setting.seeds = 1
        let result = try experiment.run(setting)
        #expect(result.findings.isEmpty)
        #expect(result.tables[0].rows.count == PCGraphs.variants.count)
        #expect(result.charts.allSatisfy { !$0.series.isEmpty })
        // Plain descent: the chart's energies sum to less at each step.
        let series = result.charts[1].series
        let totals = series[0].points.indices.map { step in
            series.reduce(0) { $0 + $1.points[step].y }
        }
        // It ends where nothing changes any more, which rounding decides.
        #expect((100...201).contains(totals.count))
        #expect(zip(totals, totals.dropFirst()).allSatisfy { $1 <= $0 + 1e-6 })
    }

    @Test("Numbers are written with four decimals")
    func digits() {
        #expect(0.05.fixed(4) == "0.0500" && 12.34567.fixed(4) == "12.3457")
        #expect((-0.00012).fixed(4) == "-0.0001" && Double.nan.fixed(4) == "nan")
    }
}
