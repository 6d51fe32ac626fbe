// What is taught by a photograph: who in it does it to what, or why it cannot be told.
import FileNames
import Glibc
import Interaction
import Media
import Networks
import Tensors
import Terminal

/// Looks at photographs of one interaction, and takes an example from each.
public final class Lesson {
    /// Who is meant where several people are in a photograph.
    public enum Choice: Sendable, Hashable {
        /// The one who fits best: sure, large, and near a thing of the kind.
        case best
        /// The so manieth from the left, from 1.
        case person(Int)
        /// Whoever is there, whether the detector finds him or not; in pixels of the photograph.
        case box(Box)
    }

    /// What became of a photograph.
    public struct Outcome: Sendable {
        /// The photograph, as the caller named it.
        public var image: String
        /// What was taken; nil where nothing was.
        public var example: TaughtExample?
        /// Its looks.
        var looks: (plain: [Float], mirrored: [Float])?
        /// How many people are in it.
        public var people = 0
        /// Why nothing was taken, in one line, and the status that says so.
        public var problem: (text: String, exitCode: Int32)?
        /// What was taken as a finding, to be drawn.
        public var findings: PictureFindings
    }

    private let triplet: Triplet, choice: Choice
    private let detector: Detector, reader: RegionReader
    private let space: LookSpace

    /// A lesson.
    ///
    /// - Throws: `SafetensorsError`, `PlanError`, ``OtherDetector``.
    public init(
        _ triplet: Triplet, _ choice: Choice = .best, detector path: String, in space: LookSpace,
        threads: Int = 1
    ) throws {
        try OtherDetector.check(path, against: space)
        (self.triplet, self.choice, self.space) = (triplet, choice, space)
        detector = try Detector(contentsOf: path, threads: threads, keepsPyramid: true)
        reader = try RegionReader(of: detector, cells: PersonLook.cells)
    }

    /// Looks at photographs in order.
    ///
    /// - Parameters:
    ///   - known: What is taught already, which is not taken again.
    ///   - report: Told of each photograph, and shown it where it could be read.
    /// - Throws: `PlanError`; what `report` throws. A photograph of no use is reported and does not end the lesson.
    public func look(
        at paths: [String], knowing known: [TaughtExample],
        shouldStop: @escaping () -> Bool = { false },
        report: (Outcome, UprightPicture?) throws -> Void
    ) throws {
        var job = DetectionJob(paths)
        job.keepsPixels = true
        job.shouldStop = shouldStop
        var known = Set(known.map { Key($0) })
        var chosen: (who: Detection, thing: Detection?, looks: [Float])?
        var seen = 0
        var told: Set<String> = []
        try job.run(
            .detector(detector, reader), atLeast: Self.leastPerson,
            tell: { things, width, height, look in
                (chosen, seen) = (nil, things.count { $0.category == COCO.person })
                guard let look,
                    let pair = self.choice.pair(
                        for: self.triplet, among: things, width: width, height: height)
                else { return [] }
                let cells = try look(
                    PersonLook.boxes(of: [pair.human], width: width, height: height))
                chosen = (pair.human, pair.thing, PersonLook.values(ofCells: cells)[0])
                return []
            },
            report: { event in
                switch event {
                case .failure(let findings, let exitCode):
                    told.insert(findings.image)
                    var outcome = Outcome(image: findings.image, findings: findings)
                    outcome.problem = (findings.error ?? "cannot be read", exitCode)
                    try report(outcome, nil)
                case .end: break
                case .picture(let findings, let picture):
                    // Of a video the first frame says that it is one.
                    guard told.insert(findings.image).inserted else { return }
                    var outcome = Outcome(image: findings.image, findings: findings)
                    outcome.people = seen
                    if findings.time != nil {
                        outcome.problem = (
                            "is a video; photographs are wanted", ExitCode.badData.rawValue
                        )
                    } else if let chosen, let picture {
                        let example = TaughtExample(
                            self.triplet, photograph: Self.absolute(findings.image),
                            digest: try SHA256(ofFile: findings.image).hexadecimal,
                            human: chosen.who.box, object: chosen.thing?.box,
                            detector: self.space.detectorName)
                        if known.insert(Key(example)).inserted {
                            outcome.example = example
                            outcome.looks = (
                                chosen.looks,
                                try self.mirroredLook(of: chosen.who.box, in: picture)
                            )
                        } else {
                            outcome.problem = ("is taught already", ExitCode.badData.rawValue)
                        }
                        outcome.findings.findings = [
                            Finding(
                                human: chosen.who, taught: self.triplet, object: chosen.thing,
                                verbScore: 1, score: chosen.who.score)
                        ]
                    } else {
                        outcome.problem = (self.reason(seen), ExitCode.badData.rawValue)
                    }
                    try report(outcome, picture)
                }
            })
    }

    /// Stores what was taken.
    ///
    /// - Throws: As ``TaughtMemory/adding(_:looks:)``.
    public static func store(_ outcomes: [Outcome], in memory: TaughtMemory) throws -> TaughtMemory
    {
        let taken = outcomes.compactMap { outcome in
            outcome.example.flatMap { example in outcome.looks.map { (example, $0) } }
        }
        return try memory.adding(taken.map(\.0), looks: taken.map(\.1))
    }

    // MARK: - Parts

    /// What a person scores at least to be taken.
    static let leastPerson = 0.2

    /// What makes an example the same as another: the photograph, and who in it.
    private struct Key: Hashable {
        let triplet: Triplet, digest: String, corners: [Int]

        init(_ example: TaughtExample) {
            (triplet, digest) = (example.triplet, example.digest)
            corners = [example.human.x1, example.human.y1, example.human.x2, example.human.y2]
                .map { Int($0.rounded()) }
        }
    }

    private func reason(_ people: Int) -> String {
        switch choice {
        case .best: "no person is found in it; --box X1,Y1,X2,Y2 says where one is"
        case .person(let number):
            "has \(people) \(people == 1 ? "person" : "people"), not \(number); --box X1,Y1,X2,Y2 says where one is"
        case .box: "--box lies outside of it"
        }
    }

    private func mirroredLook(of box: Box, in picture: UprightPicture) throws -> [Float] {
        let mirrored = picture.mirrored
        let view = detector.eye.view(of: mirrored)
        try detector.look(at: view)
        let human = Detection(
            box.mirrored(width: mirrored.width), category: COCO.person, score: 1)
        return PersonLook.values(
            ofCells: try reader.numbers(
                of: PersonLook.boxes(
                    of: [human], width: mirrored.width, height: mirrored.height),
                in: view.letterbox, seenBy: detector))[0]
    }

    /// The path of a file from the root, links resolved; the name itself where there is no such file.
    public static func absolute(_ path: String) -> String {
        guard let resolved = realpath(path.fileName, nil) else { return path }
        defer { free(resolved) }
        return String(fileName: resolved)
    }
}

extension Lesson.Choice {
    /// Who is meant, and the thing that he or she does it to; nil where nobody is, or no thing is seen.
    func pair(
        for triplet: Triplet, among things: [Detection], width: Int, height: Int
    ) -> (human: Detection, thing: Detection?)? {
        let people = things.filter { $0.category == COCO.person }
        func paired(_ human: Detection) -> (human: Detection, thing: Detection?) {
            (human, TaughtFindings.thing(named: triplet.object, of: human, in: things))
        }
        switch self {
        case .box(let box):
            let inside = box.clipped(width: width, height: height)
            return inside.isEmpty ? nil : paired(Detection(inside, category: COCO.person, score: 1))
        case .person(let number):
            let ordered = people.sorted { ($0.box.x1, $0.box.y1) < ($1.box.x1, $1.box.y1) }
            return ordered.indices.contains(number - 1) ? paired(ordered[number - 1]) : nil
        case .best:
            // As the annotators of Stanford 40's boxes were replaced by a program: score, size, and the thing.
            return people.map(paired).max { Self.fitness($0) < Self.fitness($1) }
        }
    }

    private static func fitness(_ pair: (human: Detection, thing: Detection?)) -> Double {
        let near = pair.thing.map { NearThings.nearness($0, to: pair.human.box) } ?? 0
        return pair.human.score * pair.human.box.area.squareRoot() * (1 + near)
    }
}

/// A detector whose looks a space does not know.
public struct OtherDetector: ExitCodeProviding {
    /// Its file, and what the space was fitted to.
    public let path: String, wanted: String

    /// 65.
    public var exitCode: Int32 { ExitCode.badData.rawValue }
    /// One line.
    public var description: String {
        "\(printable(path)): looks are compared as detector \(wanted) sees them, and this is another; "
            + "'hoi train --looks' fits them to it"
    }

    /// Refuses another detector than the one whose looks were fitted.
    ///
    /// - Throws: ``OtherDetector``; `AnnotationError` where the file cannot be read.
    public static func check(_ path: String, against space: LookSpace) throws {
        guard try PhotographPairs.source(files: [path]) == space.detector else {
            throw OtherDetector(path: path, wanted: space.detectorName)
        }
    }
}
