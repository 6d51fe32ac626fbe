import TestSupport
import Testing

@testable import Interaction

/// A ground on which λ or decay decides how good a variant is, and the objective what it leaves.
private final class Ground: StudyGround {
    var selectionFolds = ["a", "b"], testFolds = ["test"]
    var asked: [StudyTrial] = []
    /// Runs before a stop is asked for.
    var patience = Int.max
    private let quality: (PredicateSettings, String) -> Double

    init(_ quality: @escaping (PredicateSettings, String) -> Double) { self.quality = quality }

    func outcome(
        _ settings: PredicateSettings, _ purpose: StudyTrial.Purpose, fold: String,
        shouldStop: @escaping () -> Bool
    ) throws -> StudyOutcome? {
        guard asked.count < patience else { return nil }
        asked.append(
            StudyTrial(
                PredicateVariant(settings.objective), purpose, fold: fold, seed: settings.seed))
        var outcome = StudyOutcome(unseen: quality(settings, fold), seen: quality(settings, fold))
        outcome.combinations = [
            "ride \(fold)": outcome.unseen + 0.01 * Double(settings.seed),
            "eat \(fold)": outcome.unseen - 0.01 * Double(settings.seed),
        ]
        outcome.others["probe"] = 0.5
        return outcome
    }
}

private let variants = [
    "prior:decay=0", "prior:decay=0.1", "erm", "erm:decay=0.1", "dann:lambda=0.1",
    "coral:lambda=0.1", "coral:lambda=0.3",
].map { PredicateVariant($0)! }

@Suite("Studies of objectives")
struct PredicateStudyTests {
    private let settings = PredicateSettings(.erm, steps: 1)

    private func quality(_ settings: PredicateSettings) -> Double {
        switch settings.objective {
        case .prior: settings.decay == 0 ? 0.1 : 0.2
        case .erm: settings.decay == 0.1 ? 0.3 : 0.35
        case .coral: settings.alignment.lambda == 0.3 ? 0.5 : 0.2
        default: 0.4
        }
    }

    private func run(
        _ study: PredicateStudy, on ground: Ground, _ record: inout StudyRecord
    ) throws -> Bool {
        try study.run(on: ground, record: &record, isDone: { _, _, _ in })
    }

    @Test("The best of each kind is tested, with all seeds, after all of the choice")
    func choice() throws {
        let ground = Ground { settings, _ in self.quality(settings) }
        let companion = PredicateVariant("prior:closed=1")!
        let study = PredicateStudy(
            variants, companions: [companion], settings: settings, seedCount: 3)
        var record = StudyRecord(fingerprint: "x")
        #expect(try run(study, on: ground, &record))
        #expect(ground.asked.count == study.runCount(on: ground))
        #expect(ground.asked.count == variants.count * 2 + 4 * 3)
        let firstTest = ground.asked.firstIndex { $0.purpose == .test }!
        #expect(ground.asked[firstTest...].allSatisfy { $0.purpose == .test })
        #expect(
            study.tested(fold: "test", on: ground, record).map(\.description) == [
                "prior:decay=0.1", "erm", "coral:lambda=0.3", "prior:closed=1",
            ])
        let results = study.results(on: ground, record)
        #expect(results.map(\.name) == ["prior", "erm", "chosen", "prior:closed=1"])
        #expect(results.allSatisfy { $0.outcomes.count == 3 })
        #expect(results[2].values { $0.unseen } == [0.5, 0.5, 0.5])
        #expect(results[2].values { $0.others["nothing"] } == nil)
        let difference = StudyDifference(results[2], results[1])
        #expect(abs(difference.seeds.mean - 0.15) < 1e-12)
        #expect(abs(difference.seeds.halfWidth!) < 1e-9)
        #expect(difference.combinations!.lowerBound > 0.149)
    }

    @Test("What is done is not done again, and a stop keeps it")
    func resume() throws {
        let ground = Ground { settings, _ in self.quality(settings) }
        let study = PredicateStudy(variants, settings: settings, seedCount: 2)
        ground.patience = 5
        var record = StudyRecord(fingerprint: "x")
        #expect(try !run(study, on: ground, &record))
        #expect(record.outcomes.count == 5)
        ground.patience = .max
        #expect(try run(study, on: ground, &record))
        #expect(ground.asked.count == study.runCount(on: ground))
        var asked = false
        _ = try study.run(
            on: ground, record: &record, isDone: { _, _, _ in asked = true }, shouldStop: { true })
        #expect(!asked && ground.asked.count == study.runCount(on: ground))
    }

    @Test("Where folds are tests themselves, the choice for one goes by the others")
    func otherFolds() throws {
        // λ = 0.3 is far better in "a", and only there.
        let ground = Ground { settings, fold in
            guard settings.objective == .coral else { return 0.1 }
            return (settings.alignment.lambda == 0.3) == (fold == "a") ? 0.9 : 0.3
        }
        (ground.selectionFolds, ground.testFolds) = (["a", "b"], ["a", "b"])
        let study = PredicateStudy(variants, settings: settings, seedCount: 1)
        var record = StudyRecord(fingerprint: "x")
        #expect(try run(study, on: ground, &record))
        let chosen = ["a", "b"].map { study.tested(fold: $0, on: ground, record).last! }
        #expect(chosen.map(\.description) == ["coral:lambda=0.1", "coral:lambda=0.3"])
        let result = study.results(on: ground, record).last!
        #expect(result.variants == chosen)
        #expect(result.outcomes[0].combinations.count == 4)
        #expect(abs(result.outcomes[0].unseen - 0.3) < 1e-12)
    }

    @Test("One variant of each kind needs no choice")
    func given() throws {
        let ground = Ground { _, _ in 0.5 }
        let study = PredicateStudy(
            ["prior", "erm", "klprior:lambda=0.01"].map { PredicateVariant($0)! },
            settings: settings, seedCount: 2)
        var record = StudyRecord(fingerprint: "x")
        #expect(try run(study, on: ground, &record))
        #expect(ground.asked.allSatisfy { $0.purpose == .test } && ground.asked.count == 6)
    }

    @Test("A record is read as it was written; what is none is refused")
    func record() throws {
        let ground = Ground { settings, _ in self.quality(settings) }
        let study = PredicateStudy(variants, settings: settings, seedCount: 2)
        var record = StudyRecord(fingerprint: "made of \"this\"")
        #expect(try run(study, on: ground, &record))
        let folder = TemporaryFolder()
        func file(_ lines: [String]) -> String {
            folder.write(Array(lines.joined(separator: "\n").utf8), to: "study.jsonl")
        }
        #expect(try StudyRecord(contentsOf: file(record.lines)) == record)
        var lines = record.lines
        lines[3] = lines[3].replacing("\"fold\"", with: "\"fled\"")
        for damaged in [lines, [], Array(record.lines.dropFirst())] {
            #expect(throws: AnnotationError.self) {
                try StudyRecord(contentsOf: file(damaged))
            }
        }
    }

    @Test("Intervals are Student's")
    func intervals() {
        let five = MeanInterval([1, 2, 3, 4, 5])
        #expect(five.mean == 3 && abs(five.halfWidth! - 1.9632) < 1e-3)
        #expect(MeanInterval([2]).halfWidth == nil)
        for (freedom, quantile) in [
            (1, 12.706), (5, 2.571), (10, 2.228), (30, 2.042), (1000, 1.962),
        ] {
            #expect(abs(MeanInterval.quantile(freedom: freedom) - quantile) < 4e-3, "\(freedom)")
        }
    }
}
