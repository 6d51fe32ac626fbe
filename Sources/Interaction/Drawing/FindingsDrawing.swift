// What was found, drawn into the picture.
import Media

/// Draws boxes, the line between them and what is done.
public struct FindingsDrawing {
    /// Pairs that get a label of their own.
    private static let palette = [
        Colour(255, 196, 0), Colour(0, 200, 255), Colour(255, 92, 92), Colour(120, 230, 80),
        Colour(255, 130, 230), Colour(255, 150, 50), Colour(150, 150, 255), Colour(60, 220, 180),
    ]
    /// Verbs of a pair that are written; the surest.
    private static let verbLimit = 4
    /// Pictures are enlarged until their shorter side has so many pixels, else labels hide them.
    private static let shortest = 240

    /// The picture with its findings.
    ///
    /// - Parameter longest: Larger pictures are reduced until their longer side has so many pixels; nil keeps them.
    public static func draw(
        _ findings: [Finding], on original: UprightPicture, longest: Int? = nil
    ) -> UprightPicture {
        let picture = original.fitted(shortest: shortest, longest: longest)
        let factor = Double(picture.width) / Double(original.width)
        var pairs: [(human: Box, object: Box?, lines: [String])] = []
        var places: [[Detection?]: Int] = [:]
        for finding in findings {
            let key = [finding.human, finding.object]
            let place = places[key] ?? pairs.count
            if place == pairs.count {
                places[key] = place
                pairs.append(
                    (
                        finding.human.box.scaled(by: factor),
                        finding.object?.box.scaled(by: factor), []
                    ))
            }
            pairs[place].lines.append(finding.label)
        }
        var canvas = Canvas(picture)
        let short = Double(min(picture.width, picture.height))
        let dot = max(1.25, (short / 320 * 4).rounded() / 4)
        let thickness = max(2, short / 160)
        // The surest are drawn last, over the others.
        let order = pairs.indices.reversed()
        for dark in [true, false] {
            for index in order {
                let colour = dark ? .black : palette[index % palette.count]
                let width = dark ? thickness + max(2, thickness / 2) : thickness
                let (human, object) = (pairs[index].human, pairs[index].object)
                canvas.outline(human, colour, thickness: width)
                guard let object else { continue }
                canvas.outline(object, colour, thickness: width)
                canvas.line(from: human.centre, to: object.centre, colour, thickness: width)
                for end in [human.centre, object.centre] {
                    canvas.line(from: end, to: end, colour, thickness: 2 * width)
                }
            }
        }
        var plates = Plates(width: picture.width, height: picture.height, dot: dot)
        for (index, pair) in pairs.enumerated() {
            var lines = Array(pair.lines.prefix(verbLimit))
            if pair.lines.count > verbLimit { lines.append("+ \(pair.lines.count - verbLimit)") }
            plates.add(
                lines, near: pair.human, and: pair.object ?? pair.human,
                palette[index % palette.count])
        }
        plates.draw(on: &canvas)
        return canvas.picture
    }
}

extension Finding {
    /// `ride bicycle 0.91`
    var label: String {
        let hundredths = Int((score * 100).rounded())
        return
            "\(phrase) \(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}

extension Box {
    /// Its middle.
    var centre: (x: Double, y: Double) { ((x1 + x2) / 2, (y1 + y2) / 2) }
}
