import Media
import Motion
import TestSupport
import Testing

@testable import Enhancement

@Suite("Memory of a clip")
struct ClipMemoryTests {
    private func key(_ scene: UInt64, at time: Int) -> Frame {
        RecalledPictures.frame(
            scene: scene, noise: 0, seed: 1, time: time, isKey: true)
    }

    @Test("A time belongs to the group of the last key frame at or before it")
    func groups() throws {
        let memory = try #require(ClipMemory([key(1, at: 5), key(2, at: 30), key(3, at: 31)]))
        #expect(memory.group(of: 4) == nil && memory.group(of: 5) == 0)
        #expect(memory.group(of: 29) == 0 && memory.group(of: 30) == 1)
        #expect(memory.group(of: 31) == 2 && memory.group(of: 1000) == 2)
    }

    @Test("Frames that are no key frames are not kept, one group alone makes no memory")
    func keys() throws {
        let other = RecalledPictures.frame(scene: 9, noise: 0, seed: 1, time: 10)
        #expect(ClipMemory([key(1, at: 0), other]) == nil)
        #expect(ClipMemory([Frame]()) == nil)
        let memory = try #require(ClipMemory([key(1, at: 0), other, key(2, at: 20)]))
        #expect(memory.kept.map(\.timestamp) == [0, 20])
        #expect(memory.thumbnails.shape == [2, 384])
    }

    @Test("Of more than fit those are dropped that are most like the one before; their times stay")
    func bound() throws {
        let scenes: [UInt64] = [1, 1, 2, 3, 3, 3, 4]
        let frames = scenes.enumerated().map { key($1, at: 10 * $0) }
        let one = 96 * 64 + MotionPyramid(width: 96, height: 64).byteCount
        let memory = try #require(ClipMemory(frames, largestSize: 4 * one))
        #expect(memory.kept.count == 4 && memory.timestamps.count == 7)
        #expect(memory.kept.map { scenes[Int($0.timestamp) / 10] } == [1, 2, 3, 4])
    }

    @Test("A thumbnail is the mean of each part, whatever the size")
    func thumbnails() {
        for (width, height) in [(96, 64), (64, 48), (30, 20)] {
            let plane = Plane(width: width, height: height, bytesPerSample: 1)
            plane.withUnsafeMutableBytes { base in
                for y in 0..<height {
                    for x in 0..<width {
                        base.storeBytes(
                            of: x < width / 2 ? 40 : 200, toByteOffset: y * plane.bytesPerRow + x,
                            as: UInt8.self)
                    }
                }
            }
            let thumbnail = MotionPyramid(luma: plane, depth: 8).thumbnail(columns: 4, rows: 2)
            #expect(thumbnail.count == 8)
            for (index, value) in thumbnail.enumerated() where [0, 3].contains(index % 4) {
                #expect(abs(value - (index % 4 < 2 ? 40 : 200)) < 1, "\(width)x\(height), \(index)")
            }
        }
    }

    @Test("The key frames of a file are read, and those of files of key frames alone are not")
    func files() throws {
        let folder = TemporaryFolder()
        func make(_ name: String, _ words: String) -> String {
            let path = folder(name)
            ffmpeg(
                "-f lavfi -i testsrc2=size=96x64:rate=25:duration=3 -c:v mpeg4 -pix_fmt yuv420p "
                    + "\(words) '\(path)'")
            return path
        }
        let grouped = make("a.mkv", "-g 25 -sc_threshold 1000000000")
        let memory = try #require(try ClipMemory(path: grouped))
        #expect(memory.kept.count == 3 && memory.width == 96 && memory.height == 64)
        #expect(try ClipMemory(path: make("b.mkv", "-g 1")) == nil)
        #expect(
            try ClipMemory(path: make("c.mkv", "-g 600 -sc_threshold 1000000000")) == nil)
        #expect(throws: MediaError.self) { try ClipMemory(path: folder("none.mkv")) }
    }

    @Test("The frames of a group are read: its key frame first, none of the next, no more than fit")
    func group() throws {
        let folder = TemporaryFolder()
        let path = folder("a.mkv")
        ffmpeg(
            "-f lavfi -i testsrc2=size=96x64:rate=25:duration=3 -c:v mpeg4 -pix_fmt yuv420p "
                + "-g 25 -sc_threshold 1000000000 '\(path)'")
        let memory = try #require(try ClipMemory(path: path))
        let reader = try #require(try memory.reader())
        for position in [1, 0, 2] {
            let frames = try memory.frames(of: position, from: reader, threads: 1)
            #expect(frames.count == 25)
            let times = frames.map(\.timestamp)
            #expect(times == times.sorted() && times[0] == memory.timestamps[position])
            if position < 2 { #expect(times[24] < memory.timestamps[position + 1]) }
            #expect(frames[0].distance(to: memory.kept[position].thumbnail) == 0)
        }
        // Eight frames of 40 ms are too near; key frames alone are never.
        #expect(memory.areNeighbours(1000, 1319) && !memory.areNeighbours(1320, 1000))
        let keys = try #require(ClipMemory([key(1, at: 0), key(2, at: 1)]))
        #expect(!keys.areNeighbours(0, 1))
        #expect(try keys.reader() == nil)
    }
}
