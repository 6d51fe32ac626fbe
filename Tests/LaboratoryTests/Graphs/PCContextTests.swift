import Interaction
import Tensors
import Testing

@testable import Laboratory

@Suite struct PCContextTests {
    /// Photographs of a human who pushes a thing to the right or pulls one on the left.
    private func photographs(_ count: Int) -> [AnnotatedPicture] {
        var random = RandomSource(seed: 1)
        return (0..<count).map { index in
            let (x, y) = (random.uniform(in: 200..<300), random.uniform(in: 50..<100))
            let (w, h) = (random.uniform(in: 60..<80), random.uniform(in: 150..<200))
            let pushes = index % 2 == 0
            let left = pushes ? x + 1.2 * w : x - 1.2 * w
            var things = [AnnotatedPicture.Thing("person", Box(x, y, x + w, y + h))]
            things.append(
                .init(pushes ? "cart" : "sledge", Box(left, y + h / 2, left + w, y + h)))
            return AnnotatedPicture(
                file: "\(index)", width: 500, height: 320, things: things,
                interactions: [
                    .init(human: 0, verb: pushes ? "push" : "pull", object: 1, named: nil)
                ])
        }
    }

    @Test("Places in units of the human lead back to the box, coded or not")
    func codes() {
        let pairs = PCContextPair.pairs(in: photographs(40))
        #expect(pairs.count == 40)
        var random = RandomSource(seed: 1)
        let code = PCContextCode(pairs, using: &random)
        #expect(code.verbs == ["pull", "push"] && code.categories == ["cart", "sledge"])
        let coded = code.boxes(code.values(pairs)["place"]!, for: pairs)
        for (pair, box) in zip(pairs, coded) {
            let plain = pair.box(at: pair.placeNumbers)
            for found in [plain, box] { #expect(found.overlap(pair.object) > 0.999) }
        }
    }

    @Test("Scores count overlaps of 0.3 and centres inside")
    func scores() {
        let pairs = PCContextPair.pairs(in: Array(photographs(4)))
        let exact = PCContextScore(pairs.map(\.object), pairs)
        #expect(exact.overlapping == 1 && exact.centred == 1 && exact.overlap == 1)
        let far = PCContextScore(pairs.map { _ in Box(0, 0, 1, 1) }, pairs)
        #expect(far.either == 0 && far.overlap == 0)
        // A small box in the middle: the centre is inside, the overlap is too small.
        let small = PCContextScore(
            pairs.map { pair in
                let (x, y) = ((pair.object.x1 + pair.object.x2) / 2, pair.object.y1 + 20)
                return Box(x - 1, y - 1, x + 1, y + 1)
            }, pairs)
        #expect(small.overlapping == 0 && small.centred == 1 && small.either == 1)
    }

    @Test("Boxes that fit too little are left out")
    func match() {
        var photographs = photographs(3)
        photographs[0].interactions[0].match = 0.1
        photographs[1].interactions[0].match = 0.9
        #expect(PCContextPair.pairs(in: photographs).map(\.photograph) == [1, 2])
    }

    @Test("The graph finds what the verb decides when the verb is known, and only then")
    func verbs() throws {
        let pairs = PCContextPair.pairs(in: photographs(400))
        let answers = try PCContextAnswers(pairs, seed: 1, threads: 1)
        #expect(answers.scores["graph: human, verb"]!.overlapping > 0.9)
        #expect(answers.scores["graph: human"]!.overlapping < 0.6)
        #expect(answers.words["graph: verb from human, object, place"]! > 0.95)
        #expect(
            Set(PCContextAnswers.order.filter { !$0.contains("appearance") })
                == Set(answers.scores.keys))
    }

    @Test("What a verb does not say, the looks of the human do: the graph reads them as others")
    func looks() throws {
        // All verbs are called the same; those who push look otherwise than those who pull.
        var random = RandomSource(seed: 3)
        let pairs = PCContextPair.pairs(in: photographs(400)).map { pair in
            var pair = pair
            let turn = pair.verb == "push" ? 1.0 : -1
            pair.looks = (0..<40).map { Float((turn * Double($0 % 3) + 0.3 * random.normal())) }
            return pair
        }
        let answers = try PCContextAnswers(pairs, seed: 1, threads: 1)
        #expect(answers.scores["graph: human, appearance"]!.overlapping > 0.9)
        #expect(answers.scores["graph: human"]!.overlapping < 0.6)
        #expect(Set(PCContextAnswers.order) == Set(answers.scores.keys))
        #expect(answers.boxes["upper body"]!.count == answers.asked.count)
    }

    @Test("Without annotations the experiment says what to name")
    func noData() {
        let error = #expect(throws: ExperimentError.self) {
            try PCContext().run(ExperimentSetting())
        }
        #expect(error?.description.contains("hoi/train.jsonl") == true)
        #expect(throws: ExperimentError.self) {
            try PCContext { _ in photographs(20) }.run(ExperimentSetting())
        }
    }
}
