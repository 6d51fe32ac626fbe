// How curves of a chart are told apart: by colour, by marker, and from the ninth on by dashes.

/// The look of one curve.
struct SeriesLook {
    /// The shape of its markers.
    enum Marker: CaseIterable {
        case circle, square, triangle, diamond, ring, cross, plus, wedge
    }

    /// Its place among the colours.
    let colour: Int
    /// Its markers.
    let marker: Marker
    /// Dashes as SVG has them; nil for a line without gaps.
    let dashes: String?

    /// The look of the curve number `index`.
    init(_ index: Int) {
        let count = Self.colours.count
        let round = index / count
        colour = index % count
        // Another marker each round, so that a colour and a marker meet once in 64 curves.
        marker = Marker.allCases[(index + round) % Marker.allCases.count]
        dashes = [nil, "7 4", "2 4", "9 4 2 4"][min(round, 3)]
    }

    /// Colours on white and on a dark ground, apart also for the colour-blind (after Okabe and Ito).
    static let colours: [(light: String, dark: String)] = [
        ("#0068a8", "#5db5f5"), ("#d55e00", "#ff9550"), ("#00805c", "#35c99c"),
        ("#a8478b", "#e89ccb"), ("#8a6d00", "#e8c84a"), ("#1f9ecb", "#9bdcff"),
        ("#7a3b1d", "#c8906d"), ("#555b66", "#b4bac6"),
    ]

    /// The marker at a place, as SVG; the class gives it its colour.
    func mark(_ x: Double, _ y: Double) -> String {
        func polygon(_ points: [(Double, Double)]) -> String {
            let text = points.map { "\(svgNumber(x + $0.0)),\(svgNumber(y + $0.1))" }
            return "<polygon class=\"f\(colour)\" points=\"\(text.joined(separator: " "))\"/>"
        }
        func path(_ text: String) -> String {
            "<path class=\"s\(colour)\" d=\"M\(svgNumber(x)) \(svgNumber(y))\(text)\"/>"
        }
        let place = "cx=\"\(svgNumber(x))\" cy=\"\(svgNumber(y))\""
        switch marker {
        case .circle: return "<circle class=\"f\(colour)\" \(place) r=\"4\"/>"
        case .ring: return "<circle class=\"s\(colour) hollow\" \(place) r=\"4\"/>"
        case .square: return polygon([(-3.6, -3.6), (3.6, -3.6), (3.6, 3.6), (-3.6, 3.6)])
        case .triangle: return polygon([(0, -5), (4.7, 3.5), (-4.7, 3.5)])
        case .wedge: return polygon([(0, 5), (4.7, -3.5), (-4.7, -3.5)])
        case .diamond: return polygon([(0, -5.3), (4.6, 0), (0, 5.3), (-4.6, 0)])
        case .cross: return path("m-4 -4l8 8m0 -8l-8 8")
        case .plus: return path("m-5 0h10m-5 -5v10")
        }
    }
}

/// A coordinate with two decimals at most.
func svgNumber(_ value: Double) -> String {
    let hundredths = (value * 100).rounded() / 100
    return hundredths == hundredths.rounded() ? "\(Int(hundredths))" : "\(hundredths)"
}
