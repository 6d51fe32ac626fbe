// Curves as SVG, drawn with nothing but text.

/// Panels one above the other with a common horizontal axis, each with a scale of its own.
public struct LineChart: Sendable {
    /// One curve.
    public struct Line: Sendable {
        /// What the legend calls it; colour as SVG writes it.
        public var name: String, colour: String
        /// Points from left to right.
        public var points: [(x: Double, y: Double)]
        /// Whether it stands in the background and does not decide on the scale.
        public var isFaint: Bool

        /// A curve.
        public init(
            _ name: String, colour: String, points: [(x: Double, y: Double)], isFaint: Bool = false
        ) {
            self.name = name
            self.colour = colour
            self.points = points
            self.isFaint = isFaint
        }
    }

    /// One scale with its curves.
    public struct Panel: Sendable {
        /// What the scale counts, and the curves.
        public var label: String, lines: [Line]

        /// A panel.
        public init(_ label: String, _ lines: [Line]) {
            self.label = label
            self.lines = lines
        }
    }

    /// What stands above, and what the common axis counts.
    public var title: String, axis: String
    /// From top to bottom.
    public var panels: [Panel]

    /// A chart.
    public init(title: String, axis: String, panels: [Panel]) {
        self.title = title
        self.axis = axis
        self.panels = panels
    }

    private static let width = 800.0, panelHeight = 240.0, left = 70.0, right = 20.0, top = 62.0
    private static let gap = 34.0, bottom = 52.0

    /// The whole file.
    public var svg: String {
        let points = panels.flatMap(\.lines).flatMap(\.points)
        let across = Scale(points.map(\.x), isTight: true)
        let height =
            Self.top + Double(panels.count) * (Self.panelHeight + Self.gap) - Self.gap + Self.bottom
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"\(Int(height))\" "
                + "viewBox=\"0 0 800 \(Int(height))\" font-family=\"sans-serif\" font-size=\"12\">",
            "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>",
            Self.text(Self.left, 24, title, extra: " font-size=\"15\" font-weight=\"bold\""),
        ]
        for (index, panel) in panels.enumerated() {
            let y = Self.top + Double(index) * (Self.panelHeight + Self.gap)
            lines += draw(panel, number: index, at: y, across)
        }
        lines.append(
            Self.text(
                (Self.left + Self.width - Self.right) / 2, height - 12, axis,
                extra: " text-anchor=\"middle\""))
        return (lines + ["</svg>"]).joined(separator: "\n")
    }

    private func draw(_ panel: Panel, number: Int, at y: Double, _ across: Scale) -> [String] {
        let clear = panel.lines.filter { !$0.isFaint && !$0.points.isEmpty }
        let deciding = clear.isEmpty ? panel.lines : clear
        let scale = Scale(deciding.flatMap(\.points).map(\.y), isTight: false)
        let (x0, x1) = (Self.left, Self.width - Self.right)
        let y1 = y + Self.panelHeight
        func place(_ point: (x: Double, y: Double)) -> (Double, Double) {
            (x0 + across.part(point.x) * (x1 - x0), y1 - scale.part(point.y) * (y1 - y))
        }
        var lines = [
            "<clipPath id=\"panel\(number)\"><rect x=\"\(short(x0))\" y=\"\(short(y))\" "
                + "width=\"\(short(x1 - x0))\" height=\"\(short(y1 - y))\"/></clipPath>"
        ]
        for tick in scale.ticks {
            let at = place((0, tick)).1
            lines.append(Self.rule(x0, at, x1, at))
            lines.append(
                Self.text(x0 - 8, at + 4, scale.label(tick), extra: " text-anchor=\"end\""))
        }
        for tick in across.ticks {
            let at = place((tick, 0)).0
            lines.append(Self.rule(at, y, at, y1))
            if number == panels.count - 1 {
                lines.append(
                    Self.text(at, y1 + 18, across.label(tick), extra: " text-anchor=\"middle\""))
            }
        }
        lines.append(
            "<rect x=\"\(short(x0))\" y=\"\(short(y))\" width=\"\(short(x1 - x0))\" "
                + "height=\"\(short(y1 - y))\" fill=\"none\" stroke=\"#444\"/>")
        for line in panel.lines where !line.points.isEmpty {
            let path = line.points.map { point in
                let (x, y) = place(point)
                return "\(short(x)),\(short(y))"
            }.joined(separator: " ")
            let look = line.isFaint ? "stroke-width=\"1\" opacity=\"0.3\"" : "stroke-width=\"2\""
            lines.append(
                "<polyline clip-path=\"url(#panel\(number))\" fill=\"none\" "
                    + "stroke=\"\(line.colour)\" \(look) points=\"\(path)\"/>")
        }
        lines.append(Self.text(x0, y - 8, panel.label))
        var x = x1
        for line in panel.lines.reversed() {
            lines.append(
                Self.text(
                    x, y - 8, line.name,
                    extra: " text-anchor=\"end\" fill=\"\(line.colour)\""
                        + (line.isFaint ? " opacity=\"0.6\"" : "")))
            x -= 7.5 * Double(line.name.count) + 18
        }
        return lines
    }

    private static func rule(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double) -> String {
        "<line x1=\"\(short(x0))\" y1=\"\(short(y0))\" x2=\"\(short(x1))\" y2=\"\(short(y1))\" "
            + "stroke=\"#ddd\"/>"
    }

    private static func text(_ x: Double, _ y: Double, _ text: String, extra: String = "") -> String
    {
        "<text x=\"\(short(x))\" y=\"\(short(y))\"\(extra)>\(text.escapedAsMarkup)</text>"
    }
}

/// A coordinate with two decimals at most.
private func short(_ value: Double) -> String {
    let hundredths = (value * 100).rounded() / 100
    return hundredths == hundredths.rounded() ? "\(Int(hundredths))" : "\(hundredths)"
}

/// An axis whose ticks are 1, 2 or 5 times a power of ten apart.
struct Scale {
    private let low: Double, high: Double
    let ticks: [Double]
    private let decimals: Int

    /// An axis over `values`; a tight one ends where they do, any other a little beyond.
    init(_ values: [Double], isTight: Bool) {
        let finite = values.filter(\.isFinite)
        var (low, high) = (finite.min() ?? 0, finite.max() ?? 1)
        if low == high { (low, high) = (low - 0.5, high + 0.5) }
        let room = isTight ? 0 : 0.06 * (high - low)
        (self.low, self.high) = (low - room, high + room)
        var step = 1.0
        var places = 0
        while step > (high - low) / 4 {
            step /= 10
            places += 1
        }
        while step * 10 <= (high - low) / 4 { step *= 10 }
        if step * 5 <= (high - low) / 4 {
            step *= 5
        } else if step * 2 <= (high - low) / 4 {
            step *= 2
        }
        decimals = places
        var found: [Double] = []
        var index = ((low - room) / step).rounded(.up)
        while index * step <= high + room, found.count < 20 {
            found.append(index * step)
            index += 1
        }
        ticks = found
    }

    /// Where a value lies between the ends, 0 to 1.
    func part(_ value: Double) -> Double { (value - low) / (high - low) }

    /// A tick as it is written.
    func label(_ tick: Double) -> String { fixed(tick, decimals: decimals) }
}
