// A plan as a file is the plan.
import Enhancement
import Media
import Terminal
import TestSupport
import Testing

@testable import Batch

@Suite("Manifest")
struct ManifestTests {
    @Test("What is written is what is read, whatever inputs are called")
    func roundTrip() throws {
        let sample = try BatchSample()
        try sample.clip("a \"b\"\nc.mp4")
        try sample.clip("ü/long.mp4", frames: 30)
        sample.place.write([], to: "in/empty.mp4")
        let plan = try sample.plan(parts: .seconds(0.2))
        let path = sample.place("m.jsonl")
        try plan.write(to: path)
        let read = try Manifest(contentsOf: path)
        #expect(read.lines == plan.lines)
        #expect(read.jobs.map(\.input) == plan.jobs.map(\.input))
        #expect(read.jobs.map(\.segments) == plan.jobs.map(\.segments))
        #expect(read.jobs.map(\.facts) == plan.jobs.map(\.facts))
        #expect(read.jobs.map(\.failure) == plan.jobs.map(\.failure))
        // Two clips in parts of five frames, and an input that cannot be worked on.
        #expect(read.unitCount == 8)
        #expect(read.units.map(\.index) == Array(0..<8))
        #expect(read.jobs.compactMap(\.failure).count == 1)
    }

    @Test("Of two inputs that would become one file the second fails, and the others are worked on")
    func sameOutput() throws {
        let sample = try BatchSample()
        for name in ["a.avi", "a.wmv", "b.mp4"] { try sample.clip(name) }
        let plan = try sample.plan()
        #expect(plan.jobs.map { $0.failure == nil } == [true, false, true])
        let failure = try #require(plan.jobs[1].failure)
        #expect(failure.exitCode == 73 && failure.description.contains("as a.avi does"))
        #expect(Set(plan.jobs.compactMap(\.output)).count == 2 && plan.unitCount == 2)
        // Known from the first plan it is no other.
        #expect(try sample.plan().lines == plan.lines)
    }

    @Test("Each line is a JSON object that says what it is of")
    func linesOfUnits() throws {
        let sample = try BatchSample()
        try sample.clip("a.mp4", frames: 20)
        let plan = try sample.plan(parts: .seconds(0.2))
        let objects = try plan.lines.map { try JSONValue(parsing: $0) }
        let units = objects.filter { $0["unit"] != nil }
        #expect(units.count == 4)
        #expect(units.allSatisfy { $0["inputDigest"]?.text == plan.jobs[0].seal.sha256 })
        #expect(units.allSatisfy { $0["optionsDigest"]?.text == plan.options.enhance?.digest })
        let times = units.flatMap { $0["range"]?["times"]?.integers ?? [] }
        #expect(times.count == 20 && times == times.sorted())
    }

    @Test("A file that is cut, shuffled or strange is refused, and says where")
    func refusals() throws {
        let sample = try BatchSample()
        try sample.clip("a.mp4")
        try sample.clip("b.mp4")
        let lines = try sample.plan().lines
        func refused(_ lines: [String], line: Int) {
            let path = sample.place.write(Array(lines.joined(separator: "\n").utf8), to: "m.jsonl")
            #expect {
                _ = try Manifest(contentsOf: path)
            } throws: {
                ($0 as? ManifestError)?.line == line
            }
        }
        refused([], line: 1)
        refused(["{}"], line: 1)
        refused(["[1"], line: 1)
        refused(Array(lines.dropLast()), line: 4)
        refused([lines[0], lines[3], lines[4], lines[1], lines[2]], line: 2)
        refused([lines[0], lines[1], lines[2], lines[3], "not JSON"], line: 5)
        for (good, bad) in [
            ("\"width\":64", "\"width\":9000000000000000000"), ("\"width\":64", "\"width\":0"),
            ("\"strength\":0", "\"strength\":7"), ("\"encoderThreads\":1", "\"encoderThreads\":0"),
        ] {
            let changed = lines.map { $0.replacing(good, with: bad) }
            #expect(changed != lines)
            refused(changed, line: bad.contains("width") ? 2 : 1)
        }
        // An output outside the folder of outputs would be somebody else's file.
        let outside = lines.map {
            $0.replacing("\"output\":\"a.enhanced.mkv\"", with: "\"output\":\"../a.mkv\"")
        }
        #expect(outside != lines)
        refused(outside, line: 2)
    }

    @Test("Units are found by number, others are refused")
    func units() throws {
        let sample = try BatchSample()
        try sample.clip("a.mp4", frames: 20)
        try sample.clip("b.mp4")
        let plan = try sample.plan(parts: .seconds(0.2))
        #expect(try plan.unit(3) == BatchUnit(index: 3, job: 0, part: 3))
        #expect(try plan.unit(5) == BatchUnit(index: 5, job: 1, part: 1))
        #expect(throws: MediaError.self) { try plan.unit(6) }
    }
}
