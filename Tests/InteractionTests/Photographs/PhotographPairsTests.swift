import Networks
import Tensors
import TestSupport
import Testing

@testable import Interaction

private let regions = RegionShape(channels: 2, cells: 1, parts: [.human, .union])
private let verbs = ["feed", "ride", "walk"]

/// Pairs of the verbs and things `labels`, of photographs in order.
private func pairs(_ labels: [(verbs: [Int], object: String)]) -> LabelledPairs {
    var pairs = LabelledPairs(verbNames: verbs, regions: regions)
    for (index, label) in labels.enumerated() {
        pairs.append(
            .init(picture: index, pair: HumanObjectPair(human: 1, object: 0)),
            object: COCO.index(of: label.object)!, verbs: label.verbs,
            features: .init(repeating: Double(index), count: 36),
            appearance: (0..<4).map { Float(10 * index + $0) })
    }
    return pairs
}

@Suite("Pairs of photographs")
struct PhotographPairsTests {
    private let folder = TemporaryFolder()
    private let labels: [(verbs: [Int], object: String)] = [
        ([1], "horse"), ([0], "horse"), ([2], "dog"), ([1], "bicycle"), ([0, 2], "horse"),
        ([1], "horse"),
    ]

    private var seen: PhotographPairs {
        PhotographPairs(
            plain: pairs(labels), mirrored: pairs(labels.reversed()),
            files: (0..<6).map { "photos/\($0).jpg" }, detector: "abc")
    }

    @Test("What is written is read again, if it was made of the same")
    func roundTrip() throws {
        let path = folder("pairs.safetensors")
        try seen.write(to: path, madeOf: "these")
        #expect(try PhotographPairs(contentsOf: path, madeOf: "others") == nil)
        let read = try #require(try PhotographPairs(contentsOf: path, madeOf: "these"))
        #expect(read.files == seen.files && read.detector == "abc")
        for (found, expected) in [(read.plain, seen.plain), (read.mirrored, seen.mirrored)] {
            #expect(found.verbNames == verbs && found.regions == regions)
            #expect(found.places == expected.places && found.objects == expected.objects)
            #expect(found.verbs == expected.verbs && found.features == expected.features)
        }
    }

    @Test("A file with numbers that cannot be is made anew, and never trusted")
    func rubbish() throws {
        let path = folder("pairs.safetensors")
        try seen.write(to: path, madeOf: "these")
        let file = try Safetensors(contentsOf: path)
        let features = try file.tensor("plain.features")
        func read(_ rows: [[Float]], _ shape: Shape? = nil) throws -> PhotographPairs? {
            let labels = Tensor(rows.flatMap { $0 }, shape: shape ?? [rows.count, 6])
            try Parameters([
                ("plain.features", features), ("plain.labels", labels),
                ("mirrored.features", features), ("mirrored.labels", labels),
            ]).write(to: path, metadata: file.metadata)
            return try PhotographPairs(contentsOf: path, madeOf: "these")
        }
        let good: [[Float]] = (0..<6).map { [Float($0), 1, 0, 17, 1, 1] }
        #expect(try read(good) != nil)
        for (column, value) in [
            (0, Float(6)), (1, -1), (2, 1), (3, 80), (4, 3), (4, -2), (5, 2), (0, -1),
        ] {
            var bad = good
            bad[2][column] = value
            #expect(try read(bad) == nil, "\(column) \(value)")
        }
        var begun = good
        begun[0][5] = 0
        #expect(try read(begun) == nil)
        #expect(try read([[1, 2], [3, 4], [5, 6]], [3, 2]) == nil)
        #expect(throws: SafetensorsError.self) { try read(Array(good.dropLast())) }
    }

    @Test("People are kept with what they do, those who do nothing too")
    func people() throws {
        let names = ["play guitar", "ride horse"]
        var people = LabelledPairs(verbNames: names, regions: regions, subject: .people)
        for (index, verbs) in [[0], [], [0, 1], []].enumerated() {
            people.append(
                .init(picture: index, pair: .withScene(1, of: 3)), object: COCO.person,
                verbs: verbs, features: .init(repeating: Double(index), count: 36),
                appearance: [1, 2, 3, Float(index)],
                things: (0..<NearThings.count).map { Float(index) / Float($0 + 1) })
        }
        let seen = PhotographPairs(
            plain: people, mirrored: people, files: ["a", "b", "c", "d"], detector: "abc")
        let path = folder("people.safetensors")
        try seen.write(to: path, madeOf: "these")
        let read = try #require(try PhotographPairs(contentsOf: path, madeOf: "these"))
        #expect(read.plain.subject == .people && read.plain.verbs == people.verbs)
        #expect(read.plain.places == people.places && read.mirrored.features == people.features)
        #expect(read.plain.things == people.things && people.things.count == 4 * NearThings.count)
        let some = people.filtered { $0 % 2 == 1 }
        #expect(some.things.first == 1 && some.things.count == 2 * NearThings.count)
        #expect(some.appending(people).things == some.things + people.things)
        let file = try Safetensors(contentsOf: path)
        try Parameters(
            try file.entries.map {
                let tensor = try file.tensor($0.name)
                return (
                    $0.name,
                    $0.name == "plain.things" ? tensor.reshaped(to: [NearThings.count, 4]) : tensor
                )
            }
        ).write(to: folder("other.safetensors"), metadata: file.metadata)
        #expect(throws: SafetensorsError.self) {
            try PhotographPairs(contentsOf: folder("other.safetensors"), madeOf: "these")
        }
        #expect(
            read.plain.triplets == [
                Triplet(verb: "play", object: "guitar"), Triplet(verb: "ride", object: "horse"),
            ])
        #expect(read.plain.triplets(of: 1).isEmpty)
        let accuracy = PhotographAccuracy(
            [[0.9, 0], [0.2, 0], [0.8, 0.5], [0.1, 0]], of: people)
        #expect(accuracy.rows.map(\.triplet.description) == names)
        #expect(accuracy.rows.map(\.count) == [2, 1])
        #expect(accuracy.rows.allSatisfy { $0.amongAll == 1 && $0.amongAlike == nil })
    }

    @Test("A fifth of photographs is for measuring, whatever folder they lie in")
    func fifth() {
        let names = (0..<5000).map { "riding_a_horse_\($0).jpg" }
        let chosen = names.filter(PhotographPairs.isForMeasuring)
        #expect((900...1100).contains(chosen.count), "\(chosen.count)")
        for name in names.prefix(50) {
            #expect(
                PhotographPairs.isForMeasuring(name)
                    == PhotographPairs.isForMeasuring("a/b/\(name)"))
        }
    }

    @Test("What is kept back is in no training pair, and all of it is measured on")
    func unseen() {
        let ride = Triplet(verb: "ride", object: "horse")
        let training = seen.training(without: [ride])
        #expect(!training.triplets.contains(ride))
        #expect(training.triplets.contains(Triplet(verb: "ride", object: "bicycle")))
        let measured = seen.files.indices.filter {
            PhotographPairs.isForMeasuring(seen.files[$0])
        }
        // Plain ones first, then mirrored ones, whose labels stand the other way round.
        let expected =
            (0..<6).filter { ![0, 5].contains($0) && !measured.contains($0) }
            + (0..<6).filter { ![0, 5].contains($0) && !measured.contains($0) }
        #expect(training.places.map(\.picture) == expected)
        let asked = seen.measuring([ride])
        #expect(
            asked.places.map(\.picture)
                == (0..<6).filter { [0, 5].contains($0) || measured.contains($0) })
        for (index, place) in asked.places.enumerated() {
            #expect(asked.features[index * 40 + 36] == Float(10 * place.picture))
        }
    }

    @Test("Precision is told among pairs with the same thing, and among all")
    func accuracy() throws {
        let pairs = pairs(labels)
        // Columns: feed, ride, walk.
        let scores: [[Float]] = [
            [0, 0.9, 0], [0.6, 0.5, 0], [0, 0.4, 0.7], [0, 0.95, 0], [0.8, 0.2, 0.1],
            [0.7, 0.3, 0],
        ]
        let accuracy = PhotographAccuracy(
            Tensor(scores.flatMap { $0 }, shape: [6, 3]), of: pairs,
            unseen: [Triplet(verb: "ride", object: "horse")])
        #expect(
            accuracy.rows.map(\.triplet.description) == [
                "feed horse", "ride bicycle", "ride horse", "walk dog", "walk horse",
            ])
        #expect(accuracy.rows.map(\.count) == [2, 1, 2, 1, 1])
        #expect(accuracy.rows.map(\.isUnseen) == [false, false, true, false, false])
        func precision(_ hits: [Bool], _ total: Int) -> Double {
            elevenPointPrecision(hits: hits, total: total)!
        }
        // Feed among horses: pairs 4 (yes), 5 (no), 1 (yes), 0 (no).
        #expect(accuracy.rows[0].amongAlike == precision([true, false, true, false], 2))
        // The dog's and the bicycle's pair score nothing, and come last.
        #expect(accuracy.rows[0].amongAll == accuracy.rows[0].amongAlike)
        // Nobody does anything else with a bicycle; among all, other rides are left out.
        #expect(accuracy.rows[1].amongAlike == nil && accuracy.rows[1].amongAll == 1)
        // Ride among horses: 0 (yes), 1 (no), 5 (yes), 4 (no); the dog's pair comes third among all.
        #expect(accuracy.rows[2].amongAlike == precision([true, false, true, false], 2))
        #expect(
            accuracy.rows[2].amongAll == precision([true, false, false, true, false], 2))
        let means = accuracy.means(unseen: true)
        #expect(means.amongAlike == accuracy.rows[2].amongAlike)
        #expect(means.amongAll == accuracy.rows[2].amongAll)
        #expect(
            accuracy.means(unseen: false).amongAlike
                == (accuracy.rows[0].amongAlike! + accuracy.rows[4].amongAlike!) / 2)
    }
}

@Suite("Looking at photographs", .serialized)
struct PhotographReaderTests {
    @Test(
        "What people do is told of all who are annotated, and that they do nothing where everybody is"
    )
    func people() throws {
        func picture(_ index: Int, _ coverage: AnnotatedPicture.Coverage) -> AnnotatedPicture {
            let person = AnnotatedPicture.Thing("person", Box(1, 1, 50, 60))
            var double = person
            double.repeated = 0
            return AnnotatedPicture(
                file: "\(index).png", width: 80, height: 64, things: [person, double, person],
                interactions: index < 20
                    ? [.init(human: 0, verb: "play", object: nil, named: "guitar")]
                    : index < 25 ? [.init(human: 0, verb: "wave", object: nil, named: nil)] : [],
                coverage: coverage)
        }
        let list = (0..<20).map { picture($0, .onePerson) }
        #expect(PhotographReader.verbs(of: list, subject: .people, atLeast: 0) == ["play guitar"])
        #expect(
            PhotographReader.verbs(of: Array(list.dropLast()), subject: .people, atLeast: 0)
                .isEmpty)
        #expect(PhotographReader.verbs(of: list, atLeast: 0).isEmpty)
        guard let dataFolder else { return }
        let reader = try PhotographReader(
            detector: dataFolder + "/weights/yolox_nano_coco_folded.safetensors", side: 96)
        let folder = TemporaryFolder()
        let some = [picture(0, .onePerson), picture(21, .everybody), picture(30, .everybody)]
        for some in some {
            folder.write(
                try TestSupport.picture(80, 64) { x, y, _ in 3 * x ^ 5 * y }.encoded(as: .png),
                to: some.file)
        }
        let people = try #require(
            try reader.pairs(
                of: some, in: folder.path, verbNames: ["play guitar"], subject: .people,
                atLeast: 0))
        // Who waves does something that has no name; the second person of the second does nothing, and so do both of
        // the third; what a detector repeats is nobody else.
        #expect(people.verbs == [[0], [], [], []])
        #expect(people.places.map(\.picture) == [0, 1, 2, 2])
        #expect(people.places.map(\.pair.human) == [0, 2, 0, 2])
        #expect(people.places.allSatisfy { $0.pair.object == 3 })
        // The whole picture lies where it lies.
        #expect(people.features[2] == 0.5 && people.features[6] == 1)
    }

    @Test("Annotated pairs are described, mirrored ones otherwise, and only those that fit")
    func reading() throws {
        guard let dataFolder else { return }
        let list = try AnnotatedPicture.list(contentsOf: dataFolder + "/hoi/train.jsonl")
        let horses = Array(list.filter { $0.file.contains("riding_a_horse") }.prefix(4))
        let reader = try PhotographReader(
            detector: dataFolder + "/weights/yolox_nano_coco_folded.safetensors", side: 224)
        #expect(reader.regions.description == "448 3 human union object")
        let verbs = PhotographReader.verbs(of: list, atLeast: 0.3)
        #expect(verbs.contains("ride") && !verbs.contains("hold") && verbs == verbs.sorted())
        let folder = dataFolder + "/hoi"
        let plain = try #require(
            try reader.pairs(of: horses, in: folder, verbNames: verbs, atLeast: 0.3))
        let fitting = horses.flatMap(\.interactions).filter {
            $0.object != nil && $0.match ?? 1 >= 0.3
        }
        #expect(plain.count == fitting.count && plain.count > 0)
        #expect(plain.triplets == [Triplet(verb: "ride", object: "horse")])
        #expect(plain.things.isEmpty)
        let people = try #require(
            try reader.pairs(
                of: horses, in: folder, verbNames: ["ride horse"], subject: .people, atLeast: 0))
        #expect(people.things.count == people.count * NearThings.count)
        let horse = try #require(COCO.index(of: "horse"))
        let seen = (0..<people.count).map { people.things[$0 * NearThings.count + horse] }
        #expect(seen.count { $0 > 0.3 } >= people.count / 2, "\(seen)")
        let turned = try #require(
            try reader.pairs(
                of: horses, in: folder, verbNames: verbs, atLeast: 0.3, isMirrored: true))
        #expect(turned.places == plain.places && turned.features != plain.features)
        // Centres lie on the other side; heights are the same.
        #expect(abs(turned.features[0] + plain.features[0] - 1) < 1e-3)
        #expect(abs(turned.features[5] - plain.features[5]) < 1e-5)
        #expect(
            try reader.pairs(
                of: horses, in: folder, verbNames: verbs, atLeast: 0, shouldStop: { true }) == nil)
        let strict = try #require(
            try reader.pairs(of: horses, in: folder, verbNames: verbs, atLeast: 1.1))
        #expect(strict.count == 0)
    }
}
