// What is done, what is missing, and what a change touches.
import Enhancement
import Glibc
import Interaction
import Media
import Terminal
import TestSupport
import Testing

@testable import Batch

@Suite("Batch state", .serialized)
struct BatchStateTests {
    /// What tells whether files were written anew.
    private func inodes(_ sample: BatchSample, _ names: String...) throws -> [Int64] {
        try names.map { try FileStamp(of: sample.place("out/\($0)")).inode }
    }

    @Test("What is done is done; a changed input or option redoes only what it touches")
    func changes() throws {
        let sample = try BatchSample()
        try sample.clip("a.mp4")
        try sample.clip("sub/b.mp4")
        let plan = try sample.plan()
        #expect(BatchState(plan).missingUnits.count == 2)
        try sample.work(plan)
        #expect(BatchState(plan).missingUnits.isEmpty)
        let names = ["a.enhanced.mkv", "sub/b.enhanced.mkv"]
        let first = try inodes(sample, names[0], names[1])

        // The same again: the same files.
        try sample.work(try sample.plan())
        #expect(try inodes(sample, names[0], names[1]) == first)

        // A file that is only touched holds what it held.
        #expect(shell("touch '\(sample.input)/a.mp4'").status == 0)
        #expect(BatchState(try sample.plan()).missingUnits.isEmpty)

        // Another content, though of the same length and of the same time.
        let path = "\(sample.input)/a.mp4"
        var bytes = TemporaryFolder.bytes(of: path)
        let before = try FileStamp(of: path)
        bytes[bytes.count / 2] ^= 0x10
        sample.place.write(bytes, to: "in/a.mp4")
        var times = [timespec(), timespec()]
        times[0].tv_sec = Int(before.written / 1_000_000_000)
        times[1] = times[0]
        times[1].tv_nsec = Int(before.written % 1_000_000_000)
        utimensat(AT_FDCWD, path, times, 0)
        #expect(try FileStamp(of: path).written == before.written)
        let changed = try sample.plan()
        #expect(BatchState(changed).missingUnits.map(\.job) == [0])
        try sample.work(changed)
        let second = try inodes(sample, names[0], names[1])
        #expect(second[0] != first[0] && second[1] == first[1])

        // Other options redo both.
        var options = sample.options
        options.enhance!.depth = 10
        #expect(BatchState(try sample.plan(options)).missingUnits.count == 2)
    }

    @Test(
        "An output that is gone, cut or exchanged is missing; of the same length only a check sees it"
    )
    func damage() throws {
        let sample = try BatchSample()
        try sample.clip("a.mp4")
        let plan = try sample.plan()
        try sample.work(plan)
        let state = BatchState(plan)
        let output = sample.place("out/a.enhanced.mkv")
        var bytes = TemporaryFolder.bytes(of: output)
        bytes[bytes.count - 9] ^= 1
        sample.place.write(bytes, to: "out/a.enhanced.mkv")
        #expect(state.isDone(plan.jobs[0]))
        #expect(state.forgetDamaged() == ["a.mp4"])
        #expect(!state.isDone(plan.jobs[0]))
        try sample.work(plan)
        truncate(output, off_t(bytes.count - 1))
        #expect(!state.isDone(plan.jobs[0]))
        try sample.work(plan)
        unlink(output)
        #expect(state.missingUnits.count == 1)
    }

    @Test("Parts are done in any order by any worker, and a damaged one is done again")
    func parts() throws {
        let sample = try BatchSample()
        try sample.clip("a.mp4", frames: 30)
        let plan = try sample.plan(parts: .seconds(0.2))
        #expect(plan.unitCount == 6)
        let state = BatchState(plan)
        for index in [4, 1, 5, 0, 3, 2] {
            let worker = UnitWorker(state, try BatchModels(plan.options), threads: 1)
            #expect(try worker.run(try plan.unit(index)))
        }
        // Done again where it is there: nothing.
        let part = sample.place("out/jobs/a.mp4/0002.mkv")
        let inode = try FileStamp(of: part).inode
        let worker = UnitWorker(state, try BatchModels(plan.options), threads: 1)
        #expect(try worker.run(try plan.unit(2)))
        #expect(try FileStamp(of: part).inode == inode)

        var bytes = TemporaryFolder.bytes(of: part)
        bytes[bytes.count / 2] ^= 1
        sample.place.write(bytes, to: "out/jobs/a.mp4/0002.mkv")
        #expect(throws: DamagedPart.self) { try worker.complete(0) }
        #expect(state.missingUnits.map(\.index) == [2])
        #expect(try worker.run(try plan.unit(2)))
        #expect(try worker.complete(0))
        #expect(BatchCount(state).isComplete)
        let left = try Folder.names(in: sample.place("out/jobs/a.mp4"))
        #expect(!left.contains { $0.hasSuffix(".mkv") || $0.hasPrefix("part") })
    }

    @Test("Parts of other options are not taken for these")
    func strangeParts() throws {
        let sample = try BatchSample()
        try sample.clip("a.mp4", frames: 20)
        let plan = try sample.plan(parts: .seconds(0.2))
        let state = BatchState(plan)
        let worker = UnitWorker(state, try BatchModels(plan.options), threads: 1)
        #expect(try worker.run(try plan.unit(0)))
        var options = sample.options
        options.enhance!.depth = 10
        let other = try sample.plan(options, parts: .seconds(0.2))
        #expect(BatchState(other).missingUnits.count == 4)
        let longer = try sample.plan(parts: .seconds(0.4))
        #expect(BatchState(longer).missingUnits.count == 2)
        #expect(state.missingUnits.count == 3)
    }

    @Test("A file that was there before is not replaced")
    func strangeOutput() throws {
        let sample = try BatchSample()
        try sample.clip("a.mp4")
        sample.place.write([7], to: "out/a.enhanced.mkv")
        let plan = try sample.plan()
        #expect { try sample.work(plan) } throws: { ($0 as? MediaError)?.exitCode == 73 }
        #expect(TemporaryFolder.bytes(of: sample.place("out/a.enhanced.mkv")) == [7])
    }

    @Test("An input that changed after the plan is refused, one that is gone is 66")
    func changedInput() throws {
        let sample = try BatchSample()
        try sample.clip("a.mp4")
        let plan = try sample.plan()
        try sample.clip("a.mp4", hue: 90)
        #expect(throws: InputChanged.self) { try sample.work(plan) }
        unlink("\(sample.input)/a.mp4")
        #expect { try sample.work(plan) } throws: { ($0 as? MediaError)?.exitCode == 66 }
    }

    @Test("Records survive being written down")
    func records() throws {
        let sample = try BatchSample()
        try sample.clip("a.mp4")
        let plan = try sample.plan()
        try sample.work(plan)
        let record = try #require(BatchState(plan).enhanced(plan.jobs[0]))
        #expect(record.frames == 10)
        #expect(record.figures.frames == 2)
        #expect(record.figures.change == 0)
        #expect(EnhanceRecord(try JSONValue(parsing: record.json.compact))?.json == record.json)
        let search = SearchRecord(
            input: record.input, options: "x", output: record.output, pictures: 3, found: 2,
            seconds: 1.5,
            interactions: [
                FoundInteraction(phrase: "person ride horse", score: 0.5, time: 1.25, drawing: 0),
                FoundInteraction(phrase: "person hold cup", score: 0.25, time: nil),
            ], drawings: 1, warnings: ["w"])
        let read = SearchRecord(try JSONValue(parsing: search.json.compact))
        #expect(read?.json == search.json)
        #expect(read?.interactions == search.interactions)
    }
}
