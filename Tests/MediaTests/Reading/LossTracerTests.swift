// What was never decoded is found, with everything predicted from it, and nothing else changes.
import TestSupport
import Testing

@testable import Media

@Suite(.serialized) struct LossTracerTests {
    let folder = TemporaryFolder()

    enum Codec: String, CaseIterable {
        case h264, mpeg2

        /// A stream without a container.
        var bare: String { self == .h264 ? "h264" : "mpeg2video" }

        var encoding: String {
            self == .h264
                ? "-c:v libx264 -preset veryfast -bf 2 -g 20 -x264-params slices=6:aud=1"
                : "-c:v mpeg2video -q:v 4 -bf 2 -g 12"
        }
    }

    /// A moving picture of 30 frames, and the same without some slices of some pictures (in order of decoding).
    private func clips(
        _ codec: Codec, format: String = "yuv420p", size: String = "160x96",
        container: String? = nil,
        losing isLost: (_ picture: Int, _ slice: Int) -> Bool
    ) -> (clean: String, damaged: String) {
        let (clean, damaged) = (folder("clean.\(codec)"), folder("damaged.\(codec)"))
        ffmpeg(
            "-f lavfi -i testsrc2=s=\(size):r=25:d=1.2 -pix_fmt \(format) \(codec.encoding) "
                + "-f \(container ?? codec.bare) '\(clean)'"
        )
        var bytes = readBytes(clean)
        var picture = -1, slice = 0
        for index in 0..<(bytes.count - 4)
        where bytes[index] == 0 && bytes[index + 1] == 0 && bytes[index + 2] == 1 {
            let code = bytes[index + 3]
            let begins = codec == .h264 ? code & 31 == 9 : code == 0
            let isSlice =
                codec == .h264 ? code & 31 == 1 || code & 31 == 5 : (1...0xAF).contains(code)
            if begins { (picture, slice) = (picture + 1, 0) }
            guard isSlice else { continue }
            // A type that decoders pass over.
            if isLost(picture, slice) { bytes[index + 3] = codec == .h264 ? 0x1F : 0xB0 }
            slice += 1
        }
        writeBytes(bytes, to: damaged)
        return (clean, damaged)
    }

    private func frames(_ path: String, _ losses: LossHandling, threads: Int = 2) throws -> [Frame]
    {
        var options = ReadOptions(threads: threads)
        options.losses = losses
        return try allFrames(VideoReader(path: path, options: options))
    }

    /// Cells whose luma differs by more than half a step on average, or by more than another sum over the cell.
    private func differing(_ a: Frame, _ b: Frame, over limit: Int = 32) -> [Bool] {
        let columns = (a.width + 7) / 8
        return (0..<columns * ((a.height + 7) / 8)).map { index in
            var sum = 0
            for y in 0..<8 {
                for x in 0..<8 {
                    let (u, v) = (index % columns * 8 + x, index / columns * 8 + y)
                    sum += abs(a.planes[0][u, v] - b.planes[0][u, v])
                }
            }
            return sum > limit
        }
    }

    /// Fills lost luma with one value, and remembers what it was asked.
    private final class Filler: LossRepair, @unchecked Sendable {
        var calls = 0, othersSeen = 0
        /// Of the decoder's own guesses in order: lost luma samples that are the filled-in value, and lost samples.
        var guesses: [(filled: Int, lost: Int)] = []
        /// Decoded samples that its guesses do not have as they are.
        var changed = 0
        func repair(_ picture: Frame, lost: LossMap, others: [Frame], concealed: Frame?) {
            calls += 1
            if let concealed {
                var (filled, count) = (0, 0)
                for y in 0..<picture.height {
                    for x in 0..<picture.width {
                        let sample = concealed.planes[0][x, y]
                        if lost.isLost[y / 8 * lost.columns + x / 8] {
                            count += 1
                            filled += abs(sample - 77) < 3 ? 1 : 0
                        } else {
                            changed += sample == picture.planes[0][x, y] ? 0 : 1
                        }
                    }
                }
                guesses.append((filled, count))
            }
            othersSeen = max(othersSeen, others.count)
            let plane = picture.planes[0]
            plane.withUnsafeMutableBytes { base in
                for y in 0..<plane.height {
                    for x in 0..<plane.width where lost.isLost[y / 8 * lost.columns + x / 8] {
                        base.storeBytes(
                            of: 77, toByteOffset: y * plane.bytesPerRow + x, as: UInt8.self)
                    }
                }
            }
        }
    }

    @Test(
        "Lost slices and what is predicted from them are found, and nothing else",
        arguments: Codec.allCases)
    func map(_ codec: Codec) throws {
        let (clean, damaged) = clips(codec) { $0 % 7 == 3 && $1 == 2 || $0 == 15 && $1 < 4 }
        let originals = try frames(clean, .none)
        let exposed = try frames(damaged, .expose)
        try #require(originals.count == 30 && exposed.count == 30)
        var truly = 0, found = 0, both = 0, lost = 0, right = 0
        for (frame, original) in zip(exposed, originals) {
            let truth = differing(frame, original)
            // The map names what hangs on lost samples by less than that, too.
            for (index, differs) in differing(frame, original, over: 4).enumerated() {
                right += differs && (frame.loss?.share[index] ?? 0) > 0 ? 1 : 0
            }
            for (index, isTrue) in truth.enumerated() {
                let isFound = (frame.loss?.share[index] ?? 0) > 0
                truly += isTrue ? 1 : 0
                found += isFound ? 1 : 0
                both += isTrue && isFound ? 1 : 0
            }
            lost += frame.loss?.lostCount ?? 0
        }
        #expect(lost > 300)
        #expect(truly > lost)
        #expect(Double(both) >= 0.97 * Double(truly), "\(both) of \(truly)")
        // In a drawn picture much of what hangs on lost samples looks as it would have anyway.
        #expect(Double(right) >= 0.93 * Double(found), "\(right) of \(found)")
    }

    @Test(
        "With threads no more is lost than without, but where the decoder's own pictures are shown")
    func threads() throws {
        // Of four threads each has five rows of slices. Behind the second of the first, which a container hands over with
        // all others, it decodes nothing.
        let (clean, damaged) = clips(.mpeg2, size: "320x320", container: "matroska") {
            $0 % 7 == 3 && $1 == 1
        }
        func lost(_ threads: Int) throws -> [Int] {
            try frames(damaged, .repair { Filler() }, threads: threads).map {
                $0.loss?.lostCount ?? 0
            }
        }
        let alone = try lost(1)
        #expect(alone.reduce(0, +) > 0)
        #expect(try lost(4) == alone)
        // Where nothing is filled the map is of what is shown, and that lacks more.
        let originals = try frames(clean, .none)
        func found(_ threads: Int) throws -> Double {
            var truly = 0.0, found = 0.0
            for (frame, original) in zip(
                try frames(damaged, .report, threads: threads), originals)
            {
                for (index, differs) in differing(frame, original).enumerated() where differs {
                    truly += 1
                    found += (frame.loss?.share[index] ?? 0) > 0 ? 1 : 0
                }
            }
            return found / truly
        }
        let (single, several) = (try found(1), try found(4))
        #expect(several > single - 0.03, "\(single), \(several)")
    }

    @Test("An undamaged video comes out bit for bit, with nothing lost", arguments: Codec.allCases)
    func undamaged(_ codec: Codec) throws {
        let (clean, _) = clips(codec) { _, _ in false }
        let plain = try frames(clean, .none)
        let filler = Filler()
        for losses in [LossHandling.report, .expose, .repair { filler }] {
            let traced = try frames(clean, losses)
            #expect(traced.count == plain.count)
            #expect(traced.map(\.timestamp) == plain.map(\.timestamp))
            #expect(traced.allSatisfy { $0.loss == nil })
            #expect(zip(traced, plain).allSatisfy { rawBytes($0) == rawBytes($1) })
        }
        #expect(filler.calls == 0)
    }

    @Test("Deep samples are traced too")
    func deep() throws {
        let (_, damaged) = clips(.h264, format: "yuv420p10le") { $0 == 4 && $1 == 1 }
        let exposed = try frames(damaged, .expose)
        #expect(exposed.first?.format.depth == 10)
        let lost = exposed.filter { ($0.loss?.lostCount ?? 0) > 0 }
        #expect(lost.count == 1)
        // One slice of six of 160x96: a row of blocks of 16.
        #expect(lost.first?.loss?.lostCount == 40)
        #expect(exposed.contains { ($0.loss?.touchedCount ?? 0) > ($0.loss?.lostCount ?? 0) })
    }

    @Test(
        "Reporting changes no sample; one thread, where FFmpeg conceals H.264",
        arguments: Codec.allCases)
    func report(_ codec: Codec) throws {
        let (_, damaged) = clips(codec) { $0 % 5 == 2 && $1 == 1 }
        let plain = try frames(damaged, .none, threads: 1)
        let reported = try frames(damaged, .report, threads: 1)
        #expect(reported.count == plain.count)
        #expect(zip(reported, plain).allSatisfy { rawBytes($0) == rawBytes($1) })
        #expect(reported.filter { ($0.loss?.lostCount ?? 0) > 0 }.count >= 5)
    }

    @Test(
        "What a repair writes is shown, and later pictures are predicted from it",
        arguments: Codec.allCases)
    func repair(_ codec: Codec) throws {
        let (clean, damaged) = clips(codec) { $0 == 1 && $1 == 2 }
        let filler = Filler()
        let originals = try frames(clean, .none)
        let repaired = try frames(damaged, .repair { filler })
        #expect(filler.calls == 1)
        #expect(filler.othersSeen == 1)
        #expect(filler.guesses.count == 1)
        #expect(filler.changed == 0)
        let index = try #require(repaired.firstIndex { ($0.loss?.lostCount ?? 0) > 0 })
        let map = try #require(repaired[index].loss)
        for cell in map.isLost.indices where map.isLost[cell] {
            let (x, y) = (cell % map.columns * 8 + 4, cell / map.columns * 8 + 4)
            #expect(repaired[index].planes[0][x, y] == 77)
        }
        // Where nothing hangs on it, pictures are as they were.
        for (frame, original) in zip(repaired, originals) where frame.loss == nil {
            #expect(rawBytes(frame) == rawBytes(original))
        }
        #expect(repaired.filter { $0.loss != nil }.count > 1)
        #expect(repaired.last?.loss == nil, "a key frame heals")
    }

    @Test(
        "The decoder's own guess is made from what was repaired before", arguments: Codec.allCases)
    func guesses(_ codec: Codec) throws {
        // The same place of the first pictures that are predicted from one another.
        let (_, damaged) = clips(codec) { [1, 4].contains($0) && $1 == 2 }
        let filler = Filler()
        _ = try frames(damaged, .repair { filler })
        try #require(filler.guesses.count == 2)
        #expect(filler.guesses.allSatisfy { $0.lost > 1000 })
        #expect(filler.guesses[0].filled < filler.guesses[0].lost / 4, "\(filler.guesses)")
        #expect(filler.guesses[1].filled > filler.guesses[1].lost / 2, "\(filler.guesses)")
    }

    @Test(
        "What was decoded from torn data before the decoder noticed is found",
        arguments: Codec.allCases)
    func torn(_ codec: Codec) throws {
        let (clean, whole) = clips(codec) { _, _ in false }
        var bytes = readBytes(whole)
        // The middle of some slices is replaced.
        let starts = bytes.indices.dropLast(4).filter {
            bytes[$0] == 0 && bytes[$0 + 1] == 0 && bytes[$0 + 2] == 1
        }
        for (index, start) in starts.enumerated() where index % 11 == 5 && index + 1 < starts.count
        {
            let length = starts[index + 1] - start
            guard length > 60 else { continue }
            for at in (start + length / 3)..<(start + length / 3 + 12) { bytes[at] ^= 0x5A }
        }
        let damaged = folder("torn.\(codec)")
        writeBytes(bytes, to: damaged)
        let originals = try frames(clean, .none)
        let exposed = try frames(damaged, .expose)
        try #require(originals.count == exposed.count)
        var truly = 0, both = 0, found = 0
        for (frame, original) in zip(exposed, originals) {
            for (index, isTrue) in differing(frame, original).enumerated() {
                let isFound = (frame.loss?.share[index] ?? 0) > 0
                truly += isTrue ? 1 : 0
                found += isFound ? 1 : 0
                both += isTrue && isFound ? 1 : 0
            }
        }
        #expect(truly > 300)
        #expect(Double(both) >= 0.9 * Double(truly), "\(both) of \(truly)")
        // Some of what the decoder does not believe was right, and differs from its guess all the same.
        #expect(Double(both) >= 0.7 * Double(found), "\(both) of \(found)")
    }

    @Test(
        "Strict reading stops at lost slices, and names the frame", arguments: Codec.allCases,
        [1, 2])
    func strict(_ codec: Codec, _ threads: Int) throws {
        let (_, damaged) = clips(codec) { $0 == 6 && $1 == 2 || $0 == 9 && $1 == 1 }
        let exposed = try frames(damaged, .expose)
        let first = try #require(exposed.firstIndex { ($0.loss?.lostCount ?? 0) > 0 })
        var options = ReadOptions(threads: threads, isStrict: true)
        options.losses = .report
        let reader = try VideoReader(path: damaged, options: options)
        #expect {
            _ = try allFrames(reader)
        } throws: { error in
            guard case .damaged(_, let frame, _)? = error as? MediaError else { return false }
            return frame == first
        }
        #expect(reader.concealedCount == 1)
    }

    @Test("Pictures that were shown before the damage are not kept when they are decoded again")
    func held() throws {
        let (_, damaged) = clips(.mpeg2) { $0 == 22 && $1 == 2 }
        var options = ReadOptions(threads: 1)
        options.losses = .report
        let reader = try VideoReader(path: damaged, options: options)
        var most = 0, lost = 0
        while let frame = try reader.next() {
            lost += frame.loss?.lostCount ?? 0
            most = max(most, reader.decoder.tracer?.heldCount ?? 0)
        }
        #expect(lost > 0)
        // Of each of two decoders those that wait for signs of damage, and not the dozen before.
        #expect(most > 0 && most <= 14, "\(most)")
    }

    @Test("Losses that are left are found and not repaired")
    func left() throws {
        let (_, damaged) = clips(.mpeg2) { $0 == 5 && $1 == 2 }
        let filler = Filler()
        var options = ReadOptions(threads: 1)
        options.losses = .repair { filler }
        let reader = try VideoReader(path: damaged, options: options)
        reader.leaveLosses()
        let frames = try allFrames(reader)
        let plain = try self.frames(damaged, .none, threads: 1)
        #expect(filler.calls == 0)
        #expect(frames.contains { ($0.loss?.lostCount ?? 0) > 0 })
        #expect(zip(frames, plain).allSatisfy { rawBytes($0) == rawBytes($1) })
    }
    @Test("Only blocks in front of lost ones are judged, as far as FFmpeg replaces them")
    func judged() {
        func picture(_ value: Int) -> Frame {
            let format = FrameFormat(.yuv420)
            let planes = (0..<3).map { index in
                let size = format.planeSize(index, width: 320, height: 96)
                return Plane(width: size.width, height: size.height, bytesPerSample: 1) { _, _ in
                    value
                }
            }
            return Frame(width: 320, height: 96, format: format, planes: planes)
        }
        // Twenty blocks a row; the fifth row lacks its last ten, and fifty lie before them from the third row on.
        var before = LossMap(width: 320, height: 96)
        for row in 8...9 { for column in 20..<40 { before.isLost[row * 40 + column] = true } }
        func judged(_ value: Int, tolerance: Int?) -> (map: LossMap, concealed: Frame) {
            var map = before
            let concealed = picture(100 + value)
            map.judge(picture(100), concealed, tolerance: tolerance)
            return (map, concealed)
        }
        // Far from what the decoder made of them they are lost, too: fifty blocks of four cells.
        let far = judged(20, tolerance: 36).map
        #expect(far.lostCount == before.lostCount + 200)
        #expect(far.isLost[4 * 40] && !far.isLost[3 * 40 + 39] && !far.isLost[10 * 40])
        // Near it they are put back, and nothing else is.
        for (value, tolerance) in [(5, Optional(36)), (20, nil)] {
            let near = judged(value, tolerance: tolerance)
            #expect(near.map == before)
            let luma = near.concealed.planes[0]
            #expect(luma[0, 32] == 100 && luma[159, 79] == 100)
            #expect(luma[0, 31] == 100 + value && luma[160, 64] == 100 + value)
            #expect(luma[0, 80] == 100 + value)
        }
    }
}
