// A chart as one SVG file: axes, curves with error bars, legend; nothing but text, and nothing from outside.
import Terminal

extension Chart {
    /// The whole file. Colours follow the reader's choice of light or dark.
    ///
    /// A logarithmic axis puts what is not above 0 on its lower edge, and a line below says so, as it
    /// does of numbers that are not finite and so not drawn.
    public var svg: String { ChartDrawing(self).svg }
}

/// A chart with its axes laid out.
private struct ChartDrawing {
    private static let width = 800.0, right = 24.0, plotHeight = 400.0
    /// More marks than these hide the curve.
    private static let mostMarks = 40

    private let chart: Chart
    private let across: AxisScale, up: AxisScale
    private let legend: ChartLegend
    private let titles: [String], labels: [String], remarks: [String]
    private let x0: Double, y0: Double

    private var x1: Double { Self.width - Self.right }
    private var y1: Double { y0 + Self.plotHeight }
    private var height: Double { y1 + 56 + 18 * Double(remarks.count) }

    init(_ chart: Chart) {
        self.chart = chart
        let points = chart.series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
        across = AxisScale(points.map(\.x), isLogarithmic: chart.x.isLogarithmic)
        let ends = points.flatMap { [$0.y, $0.y - $0.spread, $0.y + $0.spread] }
        // The lower end of a bar that goes down to 0 and beyond says nothing about the decades.
        up = AxisScale(
            chart.y.isLogarithmic ? ends.filter { $0 > 0 } : ends,
            isLogarithmic: chart.y.isLogarithmic)
        titles = wrapped(printable(chart.title), toWidth: 84)
        labels = wrapped(printable(chart.y.label), toWidth: 54)
        let widest = up.ticks.map { textWidth($0.label ?? "", size: 12) }.max() ?? 0
        x0 = 20 + 17 * Double(labels.count) + widest
        legend = ChartLegend(chart.series.map(\.name), width: Self.width - Self.right - x0)
        y0 = 18 + 21 * Double(titles.count) + ChartLegend.rowHeight * Double(legend.rows) + 10
        remarks = Self.remarks(on: chart)
    }

    /// What a reader would not see.
    private static func remarks(on chart: Chart) -> [String] {
        let all = chart.series.flatMap(\.points)
        let points = all.filter { $0.x.isFinite && $0.y.isFinite }
        var remarks: [String] = []
        if chart.x.isLogarithmic, points.contains(where: { $0.x <= 0 }) {
            remarks.append("Points on the left edge are at 0 or less.")
        }
        if chart.y.isLogarithmic, points.contains(where: { $0.y <= 0 }) {
            remarks.append("Points on the lower edge are 0 or less.")
        }
        let missing = all.count - points.count
        if missing > 0 {
            remarks.append(
                missing == 1
                    ? "1 point is not finite and not shown."
                    : "\(missing) points are not finite and not shown.")
        }
        return remarks
    }

    var svg: String {
        let size = "width=\"\(svgNumber(Self.width))\" height=\"\(svgNumber(height))\""
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) "
                + "viewBox=\"0 0 \(svgNumber(Self.width)) \(svgNumber(height))\" role=\"img\" "
                + "class=\"chart\" font-family=\"sans-serif\" font-size=\"13\">",
            "<title>\(printable(chart.title).escapedAsMarkup)</title>", Self.style,
            "<rect class=\"ground\" width=\"100%\" height=\"100%\"/>",
        ]
        for (row, line) in titles.enumerated() {
            lines.append(text(x0, 28 + 21 * Double(row), line, "class=\"title\""))
        }
        lines += legend.svg(x: x0, y: 16 + 21 * Double(titles.count))
        lines += axes()
        for (index, series) in chart.series.enumerated() {
            lines += draw(series, SeriesLook(index))
        }
        return (lines + ["</svg>", ""]).joined(separator: "\n")
    }

    // MARK: Axes

    private func axes() -> [String] {
        var lines: [String] = []
        for tick in up.ticks {
            let y = y1 - up.part(tick.value)! * (y1 - y0)
            lines.append(rule(tick, "M\(svgNumber(x0)) \(svgNumber(y))H\(svgNumber(x1))"))
            guard let label = tick.label else { continue }
            lines.append(text(x0 - 8, y + 4, label, "class=\"tick\" text-anchor=\"end\""))
        }
        for tick in across.ticks {
            let x = x0 + across.part(tick.value)! * (x1 - x0)
            lines.append(rule(tick, "M\(svgNumber(x)) \(svgNumber(y0))V\(svgNumber(y1))"))
            guard let label = tick.label else { continue }
            lines.append(text(x, y1 + 18, label, "class=\"tick\" text-anchor=\"middle\""))
        }
        lines.append(
            "<rect class=\"frame\" x=\"\(svgNumber(x0))\" y=\"\(svgNumber(y0))\" "
                + "width=\"\(svgNumber(x1 - x0))\" height=\"\(svgNumber(y1 - y0))\"/>")
        lines.append(
            text((x0 + x1) / 2, y1 + 40, printable(chart.x.label), "text-anchor=\"middle\""))
        for (row, line) in labels.enumerated() {
            let (x, y) = (20 + 17 * Double(row), (y0 + y1) / 2)
            lines.append(
                text(
                    x, y, line,
                    "text-anchor=\"middle\" "
                        + "transform=\"rotate(-90 \(svgNumber(x)) \(svgNumber(y)))\""))
        }
        for (row, line) in remarks.enumerated() {
            lines.append(text(x0, y1 + 60 + 18 * Double(row), line, "class=\"tick\""))
        }
        return lines
    }

    private func rule(_ tick: AxisScale.Tick, _ path: String) -> String {
        "<path class=\"\(tick.label == nil ? "fine" : "grid")\" d=\"\(path)\"/>"
    }

    private func text(_ x: Double, _ y: Double, _ text: String, _ attributes: String) -> String {
        "<text x=\"\(svgNumber(x))\" y=\"\(svgNumber(y))\" \(attributes)>"
            + "\(text.escapedAsMarkup)</text>"
    }

    // MARK: Curves

    private func place(_ x: Double, _ y: Double) -> (x: Double, y: Double)? {
        guard let right = across.part(x), let above = up.part(y) else { return nil }
        return (x0 + right * (x1 - x0), y1 - above * (y1 - y0))
    }

    private func draw(_ series: Chart.Series, _ look: SeriesLook) -> [String] {
        var path = "", bars: [String] = [], marks: [String] = []
        // A point that is not finite leaves a gap.
        var isInside = false
        let every = max(1, series.points.count / Self.mostMarks)
        for (index, point) in series.points.enumerated() {
            guard let at = place(point.x, point.y) else {
                isInside = false
                continue
            }
            path += "\(isInside ? "L" : "M")\(svgNumber(at.x)) \(svgNumber(at.y))"
            isInside = true
            guard index % every == 0 else { continue }
            marks.append(look.mark(at.x, at.y))
            guard point.spread > 0, let top = place(point.x, point.y + point.spread),
                let foot = place(point.x, point.y - point.spread)
            else { continue }
            let left = svgNumber(at.x - 4)
            bars.append(
                "<path class=\"s\(look.colour) bar\" d=\"M\(left) \(svgNumber(top.y))h8m-4 0"
                    + "V\(svgNumber(foot.y))m-4 0h8\"/>")
        }
        guard !path.isEmpty else { return [] }
        let curve = "<path class=\"s\(look.colour) curve\"\(look.dashAttribute) d=\"\(path)\"/>"
        return [curve] + bars + marks
    }

    // MARK: Colours

    /// Programs that know no media queries show the light one, on white.
    private static let style: String = {
        func colours(_ colour: (Int) -> String) -> String {
            SeriesLook.colours.indices.map {
                ".chart .s\($0){stroke:\(colour($0))}.chart .f\($0){fill:\(colour($0))}"
            }.joined()
        }
        return """
            <style>
            .chart path,.chart .frame,.chart .hollow{fill:none}
            .chart text{fill:#1f2328}.chart .tick{fill:#555b66;font-size:12px}
            .chart .title{font-size:16px;font-weight:bold}
            .chart .ground{fill:#fff}.chart .frame{stroke:#6b7280}
            .chart .grid{stroke:#dfe2e7}.chart .fine{stroke:#f0f1f4}
            .chart circle,.chart path{stroke-width:1.8}.chart .curve{stroke-width:2;stroke-linejoin:round}
            .chart .bar{stroke-width:1.3}.chart .grid,.chart .fine{stroke-width:1}
            \(colours { SeriesLook.colours[$0].light })
            @media (prefers-color-scheme:dark){
            .chart text{fill:#e6e8ec}.chart .tick{fill:#a7adb8}
            .chart .ground{fill:#15181d}.chart .frame{stroke:#8b919c}
            .chart .grid{stroke:#343a44}.chart .fine{stroke:#23272f}
            \(colours { SeriesLook.colours[$0].dark })
            }
            </style>
            """
    }()
}

extension Chart.Point {
    /// How far it may be off; 0 where that is no number.
    fileprivate var spread: Double { error.isFinite ? error.magnitude : 0 }
}
