// Humans and the things they do something to, as numbers for networks: boxes, verbs, categories.
import Glibc
import Interaction
import Tensors

/// One human, one thing, and what is done to it.
struct PCContextPair: Sendable {
    /// Which photograph, so that no photograph is in two parts of the data.
    let photograph: Int
    /// Its file.
    let file: String
    /// Size of the photograph.
    let width: Double, height: Double
    let human: Box
    let object: Box
    let verb: String
    let category: String
    /// Whether a program chose the thing's box by its fit to the human.
    let isChosen: Bool
    /// How the human looks to a detector; empty where nobody looked.
    var looks: [Float] = []

    /// The pairs with boxes among annotated photographs.
    ///
    /// - Parameter leastMatch: Boxes that a program chose are left out where they fit less.
    static func pairs(in pictures: [AnnotatedPicture], leastMatch: Double = 0.3) -> [PCContextPair]
    {
        pictures.enumerated().flatMap { index, picture -> [PCContextPair] in
            picture.interactions.compactMap { interaction in
                guard let pair = interaction.pair, (interaction.match ?? 1) >= leastMatch else {
                    return nil
                }
                let (human, object) = (
                    picture.things[pair.human].box, picture.things[pair.object]
                )
                guard !human.isEmpty, !object.box.isEmpty else { return nil }
                let right = picture.things.map(\.box.x2).max()!
                let bottom = picture.things.map(\.box.y2).max()!
                return PCContextPair(
                    photograph: index, file: picture.file,
                    width: Double(picture.width ?? Int(right)),
                    height: Double(picture.height ?? Int(bottom)), human: human,
                    object: object.box, verb: interaction.verb, category: object.category,
                    isChosen: interaction.match != nil)
            }
        }
    }

    /// Where the human is: centre and extents as parts of the photograph, and its shape.
    var humanNumbers: [Double] {
        [
            (human.x1 + human.x2) / 2 / width, (human.y1 + human.y2) / 2 / height,
            human.width / width, human.height / height, log(human.width / human.height),
        ]
    }

    /// Where the thing is, in units of the human: offset of the centre, logarithms of extents.
    var placeNumbers: [Double] {
        [
            ((object.x1 + object.x2) - (human.x1 + human.x2)) / 2 / human.width,
            ((object.y1 + object.y2) - (human.y1 + human.y2)) / 2 / human.height,
            log(object.width / human.width), log(object.height / human.height),
        ]
    }

    /// The box that such numbers mean for this human, inside the photograph.
    func box(at place: [Double]) -> Box {
        let x = (human.x1 + human.x2) / 2 + place[0] * human.width
        let y = (human.y1 + human.y2) / 2 + place[1] * human.height
        let (w, h) = (human.width * exp(place[2]) / 2, human.height * exp(place[3]) / 2)
        return Box(
            max(x - w, 0), max(y - h, 0), min(x + w, width), min(y + h, height))
    }
}

/// How pairs become vertices: numbers are centred and scaled as training pairs are, words are codes.
struct PCContextCode: Sendable {
    let verbs: [String], categories: [String]
    private let human: [(mean: Double, deviation: Double)]
    private let place: [(mean: Double, deviation: Double)]
    /// How humans look, in few numbers.
    private let looks: PrincipalComponents?
    private static let lookCount = 24
    /// Standard deviation of coded numbers: tanh is nearly straight there.
    private static let spread = 0.5

    /// The code that suits some pairs; words that fewer than ten of them have are coded as none.
    init(_ pairs: [PCContextPair], using random: inout RandomSource) {
        func frequent(_ words: [String]) -> [String] {
            Dictionary(grouping: words) { $0 }.filter { $1.count >= 10 }.keys.sorted()
        }
        func statistics(_ rows: [[Double]]) -> [(mean: Double, deviation: Double)] {
            rows[0].indices.map { column in
                let found = Spread(rows.map { $0[column] })
                return (found.mean, max(found.deviation, 1e-6))
            }
        }
        verbs = frequent(pairs.map(\.verb))
        categories = frequent(pairs.map(\.category))
        human = statistics(pairs.map(\.humanNumbers))
        place = statistics(pairs.map(\.placeNumbers))
        looks =
            pairs[0].looks.isEmpty
            ? nil
            : PrincipalComponents(
                of: pairs.map(\.looks), count: min(Self.lookCount, pairs[0].looks.count),
                using: &random)
    }

    /// Values by vertex group, a row per pair.
    func values(_ pairs: [PCContextPair]) -> [String: Tensor<Float>] {
        func scaled(
            _ rows: [[Double]], _ statistics: [(mean: Double, deviation: Double)]
        ) -> Tensor<Float> {
            Tensor(
                rows.flatMap { row in
                    zip(row, statistics).map {
                        Float(Self.spread * ($0 - $1.mean) / $1.deviation)
                    }
                }, shape: [rows.count, statistics.count])
        }
        func coded(_ words: [String], _ known: [String]) -> Tensor<Float> {
            Tensor(
                words.flatMap { word in known.map { $0 == word ? Float(1) : 0 } },
                shape: [words.count, known.count])
        }
        var values = [
            "human": scaled(pairs.map(\.humanNumbers), human),
            "verb": coded(pairs.map(\.verb), verbs),
            "object": coded(pairs.map(\.category), categories),
            "place": scaled(pairs.map(\.placeNumbers), place),
        ]
        if let looks {
            values["appearance"] = Tensor(
                pairs.flatMap { looks($0.looks).map { Float(Self.spread * $0) } },
                shape: [pairs.count, looks.deviations.count])
        }
        return values
    }

    /// The boxes that activities of the place vertices mean for some pairs' humans.
    func boxes(_ activities: Tensor<Float>, for pairs: [PCContextPair]) -> [Box] {
        let numbers = activities.elements
        return pairs.enumerated().map { row, pair in
            pair.box(
                at: place.enumerated().map { column, statistic in
                    statistic.mean
                        + Double(numbers[row * place.count + column]) / Self.spread
                        * statistic.deviation
                })
        }
    }
}
