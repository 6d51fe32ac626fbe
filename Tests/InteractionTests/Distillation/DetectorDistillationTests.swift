import Learning
import Media
import Networks
import Tensors
import TestSupport
import Testing

@testable import Interaction

private let tiny = DarknetShape(channels: 4, depth: 3, isDepthwise: true)

/// A teacher that says something of everything.
private func teacher(_ settings: DistillationSettings) throws -> Teacher {
    var random = RandomSource(seed: 4)
    let network = YOLOX(tiny, classCount: 3)
    var weights = Parameters(initialising: network, using: &random)
    for level in 0..<3 {
        let place = weights.position(of: "head.obj_preds.\(level).bias")!
        weights[place] = Tensor([1], shape: [1])
    }
    return try Teacher(
        network, weights: weights, batch: settings.batch, side: settings.side)
}

@Suite("Training of a detector by another", .serialized)
struct DetectorDistillationTests {
    private let folder = TemporaryFolder()

    private func settings(_ steps: Int) -> DistillationSettings {
        var settings = DistillationSettings(steps: steps)
        (settings.batch, settings.side) = (2, 64)
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
        _ settings: DistillationSettings, on collection: PictureCollection? = nil,
        stoppingAfter limit: Int = .max,
        progress: @escaping (DetectorDistillation.Report) -> Void = { _ in }
    ) throws -> (weights: Parameters, isComplete: Bool) {
        var asked = 0
        return try DetectorDistillation(settings).run(
            tiny, taughtBy: teacher(settings), on: collection ?? (try pictures()),
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

    @Test("A student comes to say what its teacher says")
    func learns() throws {
        var longer = settings(150)
        (longer.progressInterval, longer.averageDecay) = (30, 0.9)
        (longer.peakRate, longer.warmUp) = (0.03, 10)
        var losses: [Double] = []
        let result = try train(longer) { losses.append($0.progress.loss) }
        #expect(losses.count == 5 && losses.last! < 0.7 * losses[0], "\(losses)")
        // Folded, for use, it still does: far nearer to the teacher than where it began.
        let guide = try teacher(longer)
        let student = try Teacher(
            YOLOX(tiny, classCount: 3), weights: result.weights, batch: 2, side: 64)
        var random = RandomSource(seed: longer.seed)
        let blank = YOLOX(tiny, classCount: 3, norm: .separate(.training))
        let start = try Teacher(
            YOLOX(tiny, classCount: 3),
            weights: blank.folded(Parameters(initialising: blank, using: &random)), batch: 2,
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
            return stride(from: 4, to: a.count, by: 8).reduce(0) {
                $0 + abs(a.elements[$1] - b.elements[$1])
            }
        }
        let (near, far) = (try distance(student), try distance(start))
        #expect(near < 0.4 * far, "\(near), \(far)")
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
