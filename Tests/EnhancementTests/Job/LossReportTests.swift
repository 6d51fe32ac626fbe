// What was lost is listed as spans, and said in one line.
import Media
import Testing

@testable import Enhancement

@Suite struct LossReportTests {
    private func map(lost: Int, touched: Int) -> LossMap {
        var map = LossMap(width: 64, height: 64)
        for index in 0..<lost { map.isLost[index] = true }
        for index in 0..<(lost + touched) { map.share[index] = 1 }
        return map
    }

    @Test("Successive damaged frames are one span; an undamaged one ends it")
    func spans() {
        var report = LossReport()
        let maps = [
            nil, map(lost: 4, touched: 0), map(lost: 0, touched: 9), nil, map(lost: 2, touched: 1),
        ]
        for (index, map) in maps.enumerated() { report.add(map, at: Double(index) / 4) }
        #expect(
            report.spans == [
                .init(
                    start: 0.25, end: 0.5, frames: 2, lostFrames: 1, lostCells: 4, touchedCells: 9),
                .init(start: 1, end: 1, frames: 1, lostFrames: 1, lostCells: 2, touchedCells: 1),
            ])
        #expect(report.lostCells == 6 && report.lostFrames == 2 && report.frames == 3)
    }

    @Test("A line says how much, where and what was done")
    func line() {
        var report = LossReport()
        #expect(report.line(isFilled: true) == nil)
        report.add(map(lost: 4, touched: 0), at: 1.2)
        report.add(map(lost: 0, touched: 3), at: 1.24)
        #expect(
            report.line(isFilled: true)
                == "4 blocks of 8x8 in 1 frame, and what 1 more predict from them, cannot be decoded "
                + "(1.20-1.24 s); filled from other frames")
        #expect(report.line(isFilled: false)?.hasSuffix("; as the decoder left them") == true)
    }

    @Test("A report of a long broken film stays small and counts everything")
    func limit() {
        var report = LossReport()
        for index in 0..<(LossReport.limit + 5) {
            report.add(map(lost: 1, touched: 0), at: Double(2 * index))
            report.add(nil, at: Double(2 * index + 1))
        }
        #expect(report.spans.count == LossReport.limit)
        #expect(report.lostCells == LossReport.limit + 5)
    }
}
