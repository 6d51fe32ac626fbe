import Learning
import Media
import Networks
import Tensors
import TestSupport
import Testing

@testable import Interaction

private let tiny = DarknetShape(channels: 4, depth: 3, isDepthwise: true)

/// A teacher that says something of everything.
private func teacher() -> DetectorWeights {
    var random = RandomSource(seed: 4)
    let network = YOLOX(tiny, classCount: 3)
    var weights = Parameters(initialising: network, using: &random)
    for level in 0..<3 {
        let place = weights.position(of: "head.obj_preds.\(level).bias")!
        weights[place] = Tensor([1], shape: [1])
    }
    return DetectorWeights(network, weights)
}

@Suite("Training of a detector by another", .serialized)
struct DetectorDistillationTests {
    private let folder = TemporaryFolder()

    private func settings(_ steps: Int) -> DistillationSettings {
        var settings = DistillationSettings(steps: steps)
        (settings.batch, settings.group, settings.side) = (4, 2, 64)
        return settings
    }

    private func pictures(_ count: Int = 3) throws -> PictureCollection {
        var collection = PictureCollection()
        for index in 0..<count {
            collection.append(
                photograph: try folder.write(
                    picture(70, 50) { x, y, c in 3 * x ^ 5 * y ^ 90 * c ^ 37 * index }
                        .encoded(as: .png), to: "\(index).png"))
        }
        return collection
    }

    private func train(
        _ settings: DistillationSettings, from start: DetectorWeights? = nil,
        on collection: PictureCollection? = nil, stoppingAfter limit: Int = .max,
        progress: @escaping (DetectorDistillation.Report) -> Void = { _ in }
    ) throws -> (weights: Parameters, isComplete: Bool) {
        var asked = 0
        return try DetectorDistillation(settings).run(
            tiny, taughtBy: teacher(), from: start, on: collection ?? (try pictures()),
            progress: progress,
            shouldStop: {
                asked += 1
                return asked > limit
            })
    }

    @Test("A run that stops and resumes ends with the bits of one that does not")
    func resume() throws {
        let whole = try train(settings(6))
        #expect(whole.isComplete)
        var parted = settings(6)
        parted.checkpointPath = folder("checkpoint")
        let first = try train(parted, stoppingAfter: 3)
        #expect(!first.isComplete && first.weights != whole.weights)
        let second = try train(parted)
        #expect(second.isComplete && second.weights.isIdentical(to: whole.weights))
    }

    @Test("Threads share the work and change nothing")
    func threads() throws {
        var many = settings(3)
        let one = try train(many)
        many.threads = 2
        #expect(try train(many).weights.isIdentical(to: one.weights))
        // Batch norm sees a group at a time.
        many.group = 4
        #expect(try !train(many).weights.isIdentical(to: one.weights))
    }

    @Test("A checkpoint of other settings or pictures is refused by name")
    func otherCheckpoint() throws {
        var saved = settings(4)
        saved.checkpointPath = folder("checkpoint")
        _ = try train(saved, stoppingAfter: 2)
        var other = saved
        other.peakRate = 0.1
        for (settings, pictures, what) in [
            (other, try pictures(), "settings"), (saved, try pictures(2), "pictures"),
        ] {
            let error = try #require(throws: DistillationError.self) {
                try train(settings, on: pictures)
            }
            #expect(error.description.contains("checkpoint was made with other \(what)"))
            #expect(error.exitCode == 65)
        }
    }

    @Test("A student that learned something goes on from there, and resumes alike")
    func goingOn() throws {
        var first = settings(100)
        (first.averageDecay, first.peakRate, first.warmUp) = (0.9, 0.03, 10)
        (first.progressInterval, first.hintWeight) = (1, 0)
        func losses(_ settings: DistillationSettings, from start: DetectorWeights?) throws
            -> [Double]
        {
            var losses: [Double] = []
            _ = try train(settings, from: start) { losses.append($0.progress.loss) }
            return losses
        }
        var last: [Double] = []
        let weights = try train(first) { last.append($0.progress.loss) }.weights
        let start = DetectorWeights(YOLOX(tiny, classCount: 3), weights)
        var second = first
        (second.steps, second.seed) = (6, 2)
        let (blank, taught) = (try losses(second, from: nil), try losses(second, from: start))
        // Norms of two pictures of 64 pixels say something else than running ones: it begins a little higher.
        #expect(taught[0] < 4 * last.last! && taught[0] < 0.6 * blank[0], "\(taught), \(blank)")

        second.hintWeight = 1
        let whole = try train(second, from: start)
        second.checkpointPath = folder("other")
        _ = try train(second, from: start, stoppingAfter: 3)
        #expect(try train(second, from: start).weights.isIdentical(to: whole.weights))
        second.steps = 7
        let error = try #require(throws: DistillationError.self) {
            try train(second, from: teacher())
        }
        #expect(error.description.contains("was made with other start"))
    }

    @Test(
        "Weights of another kind of student are refused",
        arguments: [
            (DarknetShape(channels: 4, depth: 3), 3, DetectorInput.normalised, "another size"),
            (tiny, 4, .normalised, "know 4 kinds of things, the teacher 3"),
            (tiny, 3, .plain, "want pictures as bgr-255"),
        ])
    func otherStart(
        shape: DarknetShape, classCount: Int, input: DetectorInput, problem: String
    ) throws {
        let network = YOLOX(shape, classCount: classCount)
        var random = RandomSource(seed: 4)
        let weights = Parameters(initialising: network, using: &random)
        let error = try #require(throws: DistillationError.self) {
            try train(settings(2), from: DetectorWeights(network, weights, input: input))
        }
        #expect(error.description.contains(problem))
    }

    @Test("A student comes to say what its teacher says")
    func learns() throws {
        var longer = settings(150)
        (longer.progressInterval, longer.averageDecay) = (30, 0.9)
        (longer.peakRate, longer.warmUp) = (0.03, 10)
        var losses: [Double] = []
        let result = try train(longer) { losses.append($0.progress.loss) }
        #expect(losses.count == 5 && losses.last! < 0.7 * losses[0], "\(losses)")
        // Folded, for use, it still does: far nearer to the teacher than where it began.
        let guide = try Teacher(teacher(), batch: 2, side: 64)
        let student = try Teacher(
            DetectorWeights(YOLOX(tiny, classCount: 3), result.weights), batch: 2, side: 64)
        var random = RandomSource(seed: longer.seed)
        let blank = YOLOX(tiny, classCount: 3, norm: .separate(.training))
        let start = try Teacher(
            DetectorWeights(
                YOLOX(tiny, classCount: 3),
                blank.folded(Parameters(initialising: blank, using: &random))), batch: 2,
            side: 64)
        let practice = try pictures()
        let shown = try (0..<2).map { index in
            var mixer = PictureMixer(side: 64)
            (mixer.mosaics, mixer.plain) = (0, 1)
            return try mixer(&random) { _ in try practice[index] }
        }
        // How sure they are of each cell.
        func distance(_ other: Teacher) throws -> Float {
            let (a, b) = (try guide.answers(to: shown), try other.answers(to: shown))
            let (one, two) = (a.candidates.elements, b.candidates.elements)
            return stride(from: 4, to: one.count, by: 8).reduce(0) {
                $0 + abs(one[$1] - two[$1])
            }
        }
        let (near, far) = (try distance(student), try distance(start))
        // Between 0.2 and 0.5 of it, by the seed and by how sums are rounded: these are few steps at a high rate.
        #expect(near < 0.6 * far, "\(near), \(far)")
    }
}

@Suite("Pictures and agreement")
struct PictureCollectionTests {
    private let folder = TemporaryFolder()

    @Test("Every so many pictures are set apart, none twice and none lost")
    func division() throws {
        var all = PictureCollection()
        for index in 0..<23 {
            all.append(
                photograph: folder.write(
                    try picture(8, 8) { _, _, _ in index }.encoded(as: .png), to: "\(index).png"))
        }
        let (rest, chosen) = all.divided(every: 10)
        #expect(rest.count == 21 && chosen.count == 2)
        #expect(try [chosen[0][0, 0].red, chosen[1][0, 0].red] == [9, 19])
        let others = try (0..<21).map { Int(try rest[$0][0, 0].red) }
        #expect(others == (0..<23).filter { $0 != 9 && $0 != 19 })
    }

    private func photographs(_ count: Int) throws -> PictureCollection {
        var all = PictureCollection()
        for index in 0..<count {
            all.append(
                photograph: try folder.write(
                    picture(8, 8) { _, _, _ in index }.encoded(as: .png), to: "\(index).png"))
        }
        return all
    }

    @Test("Pictures with rare kinds are drawn more often, by the root of how rare they are")
    func rareKinds() throws {
        // One kind is in all of a hundred, one in four, one in one alone.
        func thing(_ kind: Int) -> Detection {
            Detection(Box(1, 1, 4, 4), category: kind, score: 0.5)
        }
        var kinds = [[Detection]](repeating: [thing(0), thing(0)], count: 100)
        for index in 0..<4 { kinds[index].append(thing(1)) }
        kinds[50].append(thing(2))
        let plain = try photographs(100)
        func draws(_ collection: PictureCollection) -> [Int] {
            var random = RandomSource(seed: 1)
            var counts = [Int](repeating: 0, count: 100)
            for _ in 0..<40_000 { counts[collection.index(&random)] += 1 }
            return counts
        }
        let same = draws(plain)
        #expect(same.allSatisfy { (300...500).contains($0) })
        let favoured = draws(plain.knowing(kinds).favouringRareKinds(threshold: 0.16, least: 4))
        // Of 104 parts each of the four has two: the root of 0.16 to 0.04.
        let expected = 40_000 / 104.0
        for (index, count) in favoured.enumerated() {
            let part = Double(count) / expected
            #expect(abs(part - (index < 4 ? 2 : 1)) < 0.25, "\(index): \(part)")
        }
        let again = try plain.knowing(kinds).favouringRareKinds(threshold: 0.16, least: 4)[37][0, 0]
            .red
        #expect(again == 37)
    }

    @Test(
        "Close-ups show things of rare kinds nearly as often as of others, and a part of the picture around them"
    )
    func closeUps() throws {
        // A picture of columns; thing 0 is in all of fifty, thing 1 in five, on the right.
        var all = PictureCollection()
        for index in 0..<50 {
            all.append(
                photograph: try folder.write(
                    picture(200, 100) { x, _, channel in channel == 0 ? x : index }.encoded(
                        as: .png),
                    to: "\(index).png"))
        }
        let things = (0..<50).map { index in
            [Detection(Box(10, 10, 70, 90), category: 0, score: 1)]
                + (index % 10 == 0 ? [Detection(Box(130, 20, 180, 80), category: 1, score: 1)] : [])
        }
        let known = all.knowing(things).favouringRareKinds(threshold: 0.02, least: 2)
        var random = RandomSource(seed: 3)
        var (wholes, left, right) = (0, 0, 0)
        for _ in 0..<2000 {
            let shown = try known.drawn(&random, closeUps: 0.5)
            let first = Int(shown[0, 0].red), last = Int(shown[shown.width - 1, 0].red)
            #expect(last - first == shown.width - 1)
            if shown.width == 200 && shown.height == 100 {
                wholes += 1
            } else if first <= 10 && last >= 69 && !(first <= 130 && last >= 179) {
                left += 1
            } else if first <= 130 && last >= 179 {
                right += 1
            } else {
                Issue.record("nothing in columns \(first) to \(last)")
            }
        }
        // The root of fifty and of five: 0.76 and 0.24; wide parts of the left hold the thing on the right too.
        #expect((960...1200).contains(wholes), "\(wholes)")
        #expect((190...330).contains(right), "\(left), \(right)")
        let whole = try known.drawn(&random, closeUps: 0)
        #expect(whole.width == 200)
        let plain = try all.drawn(&random, closeUps: 1)
        #expect(plain.width == 200)
    }

    @Test("A survey says what the detector surely sees, and leaves out what cannot be read")
    func survey() throws {
        guard let dataFolder else { return }
        let list = try AnnotatedPicture.list(contentsOf: dataFolder + "/hoi/train.jsonl")
        var all = PictureCollection()
        all.append(photograph: folder.write([1, 2, 3], to: "broken.jpg"))
        let riding = try #require(list.first { $0.file.contains("riding_a_horse") })
        all.append(photograph: "\(dataFolder)/hoi/\(riding.file)")
        let path = dataFolder + "/weights/yolox_nano_coco_folded.safetensors"
        let kinds = try Teacher.survey(all, with: path, side: 320)
        #expect(kinds[0] == nil)
        #expect(Set(kinds[1]!.map(\.category)).isSuperset(of: [0, 17]))
        let known = all.knowing(kinds)
        #expect(known.count == 1)
        #expect(try known[0].width == all[1].width)
        #expect(throws: CancellationError.self) {
            try Teacher.survey(all, with: path, side: 320, shouldStop: { true })
        }
    }

    @Test("A photograph that is none is said when it is asked for")
    func broken() throws {
        var all = PictureCollection()
        all.append(photograph: folder.write([1, 2, 3], to: "broken.jpg"))
        #expect(all.count == 1)
        #expect(throws: MediaError.self) { try all[0] }
    }

    @Test("A teacher agrees with itself, and random weights do not")
    func agreement() throws {
        guard let dataFolder else { return }
        let teacher = dataFolder + "/weights/yolox_nano_coco_folded.safetensors"
        var photographs = PictureCollection()
        let list = try AnnotatedPicture.list(contentsOf: dataFolder + "/hoi/train.jsonl")
        for picture in list.prefix(20) {
            photographs.append(photograph: "\(dataFolder)/hoi/\(picture.file)")
        }
        let agreement = try DetectorAgreement(with: teacher, on: photographs, side: 320)
        let file = try Safetensors(contentsOf: teacher)
        let same = try agreement.figures(of: Parameters(reading: file, for: YOLOX()))
        #expect(same.persons == 1 && same.mean == 1)
        var random = RandomSource(seed: 1)
        let other = try agreement.figures(of: Parameters(initialising: YOLOX(), using: &random))
        #expect(try #require(other.persons) < 0.05)
        #expect("\(same)" == "AP50 of persons 100.0, of all kinds 100.0")
    }
}
