// Where packets of a transport stream are missing is found to the byte, and what belongs to nothing is cut out.
import CFFmpeg
import Tensors
import TestSupport
import Testing

@testable import Media

@Suite(.serialized) struct TransportGapsTests {
    let folder = TemporaryFolder()

    /// A moving picture of 40 frames as a transport stream.
    private func stream(_ encoding: String, _ options: String = "") throws -> [UInt8] {
        ffmpeg(
            "-f lavfi -i mandelbrot=s=320x192:r=25:start_scale=0.8:end_scale=0.05:end_pts=60,noise=alls=16:allf=t"
                + " -t 1.6 -pix_fmt yuv420p \(encoding) -f mpegts \(options) '\(folder("clean.ts"))'"
        )
        return readBytes(folder("clean.ts"))
    }

    /// The stream without packets of its video that `isLost` names, counted from 0; the first picture stays.
    private func without(
        _ bytes: [UInt8], step: Int = 188, _ isLost: (_ packet: Int, _ beginsUnit: Bool) -> Bool
    ) -> [UInt8] {
        var count = 0, units = 0
        return stride(from: 0, to: bytes.count, by: step).reduce(into: []) { result, place in
            let head = place + (step == 192 ? 4 : 0)
            let identifier = Int(bytes[head + 1] & 0x1F) << 8 | Int(bytes[head + 2])
            // What ffmpeg calls the first stream, and what cameras call it.
            let isVideo = identifier == (step == 192 ? 0x1011 : 0x100)
            defer { count += isVideo ? 1 : 0 }
            let begins = bytes[head + 1] & 0x40 != 0
            if isVideo, begins { units += 1 }
            if isVideo, units > 1, isLost(count, begins) { return }
            result += bytes[place..<place + step]
        }
    }

    /// The pictures' bytes as the demuxer has them, with their places and gaps.
    private func pictures(_ path: String) throws -> [(bytes: [UInt8], time: Int64, gaps: [Int]?)] {
        let source = try MediaSource(path: path)
        let gaps = try #require(
            TransportGaps(
                path: path, identifier: Int(source.context.pointee.streams[0]!.pointee.id)))
        var packet = av_packet_alloc()
        defer { av_packet_free(&packet) }
        var result: [(bytes: [UInt8], time: Int64, gaps: [Int]?)] = []
        while let packet, av_read_frame(source.context, packet) >= 0 {
            let bytes = UnsafeBufferPointer(
                start: packet.pointee.data, count: Int(packet.pointee.size))
            result.append(
                (Array(bytes), packet.pointee.dts, gaps.gaps(in: bytes, at: packet.pointee.pos)))
            av_packet_unref(packet)
        }
        return result
    }

    @Test(
        "Nothing is missing in whole streams; in others it is at the byte where it was",
        arguments: ["-c:v libx264 -preset veryfast", "-c:v mpeg2video -q:v 3 -bf 2"],
        [188, 192, 204])
    func places(_ encoding: String, _ step: Int) throws {
        var whole = try stream(encoding, step == 192 ? "-mpegts_m2ts_mode 1" : "")
        if step == 204 {
            // As receivers write them that leave the sixteen bytes of Reed-Solomon where they are.
            whole = stride(from: 0, to: whole.count, by: 188).reduce(into: []) {
                $0 += whole[$1..<$1 + 188] + [UInt8](repeating: 0x47, count: 16)
            }
            writeBytes(whole, to: folder("clean.ts"))
        }
        let clean = try pictures(folder("clean.ts"))
        #expect(clean.count == 40 && clean.allSatisfy { $0.gaps == [] })
        writeBytes(
            without(whole, step: step) { $0 % 17 == 5 && !$1 }, to: folder("damaged.ts"))
        let damaged = try pictures(folder("damaged.ts"))
        #expect(damaged.count == 40 && damaged.allSatisfy { $0.gaps != nil })
        var found = 0
        for picture in damaged where picture.gaps?.isEmpty == false {
            let original = try #require(clean.first { $0.time == picture.time }).bytes
            let gaps = try #require(picture.gaps)
            #expect(picture.bytes[..<gaps[0]] == original[..<gaps[0]])
            let rest = picture.bytes.count - (try #require(gaps.last))
            #expect(picture.bytes.suffix(rest) == original.suffix(rest))
            #expect(picture.bytes.count < original.count)
            found += gaps.count
        }
        #expect(found > 5)
        for (picture, original) in zip(damaged, clean) where picture.gaps == [] {
            #expect(picture.bytes == original.bytes)
        }
    }

    @Test("Packets that receivers mark as wrong are gaps on both sides, announced jumps none")
    func marked() throws {
        var bytes = try stream("-c:v mpeg2video -q:v 3 -bf 2")
        let clean = try pictures(folder("clean.ts"))
        func gaps() throws -> [[Int]?] {
            writeBytes(bytes, to: folder("damaged.ts"))
            return try pictures(folder("damaged.ts")).map(\.gaps)
        }
        let heads = stride(from: 0, to: bytes.count, by: 188).filter {
            bytes[$0 + 1] & 0x1F == 1 && bytes[$0 + 2] == 0
        }
        let begins = heads.filter { bytes[$0 + 1] & 0x40 != 0 }
        // Counters jump where the fourth picture begins, in a packet with a field for it.
        let jump = try #require(begins.dropFirst(3).first { bytes[$0 + 3] & 0x20 != 0 })
        let number = try #require(begins.firstIndex(of: jump))
        for head in heads where head >= jump {
            bytes[head + 3] = bytes[head + 3] & 0xF0 | (bytes[head + 3] + 5) & 15
        }
        let jumped = try gaps()
        #expect(jumped[number - 1] == [clean[number - 1].bytes.count])
        #expect(jumped.reduce(0) { $0 + ($1?.count ?? 9) } == 1)
        bytes[jump + 5] |= 0x80
        #expect(try gaps().allSatisfy { $0 == [] })
        // A whole packet in the middle of the second picture.
        let wrong = begins[1] + 2 * 188
        try #require(heads.contains(wrong) && bytes[wrong + 3] & 0x20 == 0)
        bytes[wrong + 1] |= 0x80
        let found = try #require(try gaps()[1])
        #expect(found.count == 2 && found[1] - found[0] == 184)
    }

    @Test("Bytes that are not those of the file, or a place that is none, say nothing of gaps")
    func foreign() throws {
        _ = try stream("-c:v mpeg2video -q:v 3")
        let path = folder("clean.ts")
        let picture = try #require(try pictures(path).first).bytes
        let gaps = try #require(TransportGaps(path: path, identifier: 0x100))
        func ask(_ bytes: [UInt8], _ place: Int64) -> [Int]? {
            bytes.withUnsafeBufferPointer { gaps.gaps(in: $0, at: place) }
        }
        // The tables come first; the picture's unit begins in the packet behind them.
        let place = Int64(3 * 188)
        #expect(ask(picture, -1) == nil && ask(picture, 7) == nil && ask(picture, 1 << 40) == nil)
        #expect(ask(picture, place) == [])
        gaps.flush()
        var other = picture
        other[100] ^= 1
        #expect(ask(other, place) == nil)
        #expect(ask(picture, place) == [])
        #expect(TransportGaps(path: folder("none.ts"), identifier: 0x100) == nil)
    }

    private func mended(_ bytes: [UInt8], _ gaps: [Int], _ codec: TornPicture.Codec) -> [UInt8] {
        bytes.withUnsafeBufferPointer { TornPicture($0, gaps: gaps, codec).bytes }
    }

    @Test("What follows a gap is cut up to the next start code, and torn headers as a whole")
    func cuts() {
        let header: [UInt8] = [0, 0, 1, 0x68, 9, 9, 9],
            slice: [UInt8] = [0, 0, 1, 0x41, 5, 6, 7, 8]
        let rest: [UInt8] = [1, 1, 1, 1, 1, 1], next: [UInt8] = [0, 0, 1, 0x41, 2, 3]
        let torn = slice + rest + next
        #expect(mended(torn, [8], .h264) == slice + next)
        #expect(mended(slice, [8], .h264) == slice)
        // Whole units are missing.
        #expect(mended(torn, [14], .h264) == torn && mended(torn, [], .h264) == torn)
        #expect(mended(slice + rest, [8], .h264) == slice)
        #expect(mended(header + rest + next, [7], .h264) == next)
        #expect(mended(header + slice + rest, [15], .h264) == header + slice)
        // Two gaps in one slice, and a slice each.
        #expect(mended(torn, [8, 10], .h264) == slice + next)
        #expect(mended(torn + rest, [8, 20], .h264) == slice + next)
        // Nothing is left of what begins in a gap.
        #expect(mended(rest, [0], .h264).isEmpty)
    }

    @Test("Whole slices get bytes that tell them from torn ones")
    func ends() {
        let header: [UInt8] = [0, 0, 0, 1, 0x68, 9, 9, 9],
            slice: [UInt8] = [0, 0, 1, 0x41, 5, 6, 7, 8],
            key: [UInt8] = [0, 0, 1, 0x65, 4, 3], more: [UInt8] = [0x80, 0x80, 0x80, 0x80]
        func shown(_ bytes: [UInt8], _ ends: [Int], less: Int = 0) -> [UInt8] {
            bytes.withUnsafeBufferPointer { TornPicture.showingEnds($0, ends, less: less) }
        }
        let whole = header + slice + key
        #expect(shown(whole, []) == header + slice + more + key + more)
        #expect(shown(whole, [16]) == header + slice + key + more)
        #expect(shown(whole, [16, 22]) == whole)
        #expect(shown(whole, [16], less: 1) == header + slice.dropLast() + key + more)
        #expect(shown(whole, [], less: 1) == shown(whole, []))
        // Never more than there is.
        #expect(shown(key, [6], less: 9) == [0, 0, 1, 0x65])
        // Zeros behind a slice stay behind it.
        #expect(shown(slice + [0, 0] + key, [22]) == slice + more + [0, 0] + key + more)
        #expect(shown([], []) == [] && shown([1, 2], []) == [1, 2])
        // Where slices are torn is told, and of headers nothing.
        let torn = (header + slice + [7, 7] + key).withUnsafeBufferPointer {
            TornPicture($0, gaps: [16], .h264)
        }
        #expect(torn.bytes == whole && torn.ends == [16])
        let headless = (header + [7] + slice).withUnsafeBufferPointer {
            TornPicture($0, gaps: [8], .h264)
        }
        #expect(headless.bytes == [0] + slice && headless.ends == [])
    }

    @Test("Slices further up belong to a picture whose header is missing")
    func rows() {
        func slice(_ row: UInt8, _ value: UInt8 = 7) -> [UInt8] { [0, 0, 1, row, value, value] }
        let head: [UInt8] = [0, 0, 1, 0, 0x55, 0x55], torn: [UInt8] = [8, 8]
        let first = head + slice(1) + slice(2) + slice(3)
        let here = first.count
        #expect(
            mended(first + torn + slice(5) + slice(6), [here], .mpeg)
                == first + slice(5) + slice(6))
        #expect(mended(first + torn + slice(2) + slice(4), [here], .mpeg) == first)
        #expect(mended(first + torn + slice(3) + slice(4), [here], .mpeg) == first)
        #expect(
            mended(first + torn + slice(2) + head + slice(1), [here], .mpeg)
                == first + head + slice(1))
        // Whole slices are missing, and the header.
        #expect(mended(first + slice(2) + slice(3), [here], .mpeg) == first)
        // Where rows have several slices the same row may go on.
        let several = head + slice(1) + slice(1) + slice(2)
        #expect(
            mended(several + torn + slice(2) + slice(3), [several.count], .mpeg)
                == several + slice(2) + slice(3))
    }

    @Test("How an H.264 stream is coded is read from its parameters")
    func coding() throws {
        for (options, expected) in [("cabac=1", true), ("cabac=0", false)] {
            _ = try stream("-c:v libx264 -preset veryfast -x264-params \(options)")
            let picture = try #require(try pictures(folder("clean.ts")).first).bytes
            #expect(picture.withUnsafeBufferPointer { TornPicture.isArithmetic($0) } == expected)
        }
        let none: [UInt8] = [0, 0, 1, 0x41, 1, 2, 3]
        #expect(none.withUnsafeBufferPointer { TornPicture.isArithmetic($0) } == nil)
    }

    private func frames(_ path: String, _ losses: LossHandling, from start: Double? = nil) throws
        -> [Frame]
    {
        var options = ReadOptions(threads: 1)
        options.losses = losses
        let reader = try VideoReader(path: path, options: options)
        if let start { try reader.read(from: start, to: nil) }
        return try allFrames(reader)
    }

    /// How many cells of 8x8 differ by more than half a step, are named, are both, and are named and differ at all.
    private func figures(
        _ exposed: [Frame], _ originals: [Frame]
    ) -> (truly: Int, named: Int, both: Int, right: Int) {
        var truly = 0, named = 0, both = 0, right = 0
        for frame in exposed {
            guard let original = originals.first(where: { $0.timestamp == frame.timestamp })
            else { continue }
            let columns = frame.width / 8
            for cell in 0..<columns * (frame.height / 8) {
                var sum = 0
                for y in 0..<8 {
                    for x in 0..<8 {
                        let (u, v) = (cell % columns * 8 + x, cell / columns * 8 + y)
                        sum += abs(frame.planes[0][u, v] - original.planes[0][u, v])
                    }
                }
                let isNamed = (frame.loss?.share[cell] ?? 0) > 0
                truly += sum > 32 ? 1 : 0
                named += isNamed ? 1 : 0
                both += sum > 32 && isNamed ? 1 : 0
                right += sum > 4 && isNamed ? 1 : 0
            }
        }
        return (truly, named, both, right)
    }

    @Test(
        "Of streams that lack packets nearly all is found that differs",
        arguments: [
            ("-c:v libx264 -preset veryfast -bf 2 -g 20 -x264-params slices=4", 0.95),
            ("-c:v libx264 -preset veryfast -bf 2 -g 20 -x264-params slices=4:cabac=0", 0.75),
            ("-c:v mpeg2video -q:v 3 -bf 2 -g 15", 0.99),
        ])
    func found(_ encoding: String, _ right: Double) throws {
        var random = RandomSource(seed: 3)
        let whole = try stream(encoding)
        writeBytes(
            without(whole) { _, begins in random.uniform() < 0.02 && !begins },
            to: folder("damaged.ts"))
        let originals = try frames(folder("clean.ts"), .none)
        let found = figures(try frames(folder("damaged.ts"), .expose), originals)
        #expect(found.truly > 500)
        #expect(Double(found.both) >= 0.97 * Double(found.truly), "\(found)")
        // Where the picture is of one colour, it looks the same whatever it hangs on.
        #expect(Double(found.right) >= right * Double(found.named), "\(found)")
        // Reporting changes nothing.
        let plain = try frames(folder("damaged.ts"), .none)
        let reported = try frames(folder("damaged.ts"), .report)
        #expect(zip(plain, reported).allSatisfy { rawBytes($0) == rawBytes($1) })
        // From the middle on it is the same.
        let late = figures(try frames(folder("damaged.ts"), .expose, from: 0.9), originals)
        #expect(late.truly > 100 && Double(late.both) >= 0.95 * Double(late.truly), "\(late)")
    }

    @Test("Pictures that are predicted from a missing one hang on it")
    func missing() throws {
        let whole = try stream("-c:v mpeg2video -q:v 3 -bf 2 -g 15")
        // The beginning of the fifth picture in order of decoding, which others are predicted from.
        var units = 1
        let damaged = without(whole) { _, begins in
            units += begins ? 1 : 0
            return begins && units == 5
        }
        writeBytes(damaged, to: folder("damaged.ts"))
        let originals = try frames(folder("clean.ts"), .none)
        let exposed = try frames(folder("damaged.ts"), .expose)
        #expect(originals.count == 40 && exposed.count == 40)
        let found = figures(exposed, originals)
        #expect(found.truly > 2000)
        #expect(Double(found.both) >= 0.99 * Double(found.truly), "\(found)")
        #expect(Double(found.right) >= 0.99 * Double(found.named), "\(found)")
        // The next key frame has nothing of it.
        #expect(exposed.dropFirst(15).allSatisfy { $0.loss == nil })
        // The picture itself is there, and nothing of it is known.
        #expect(zip(exposed, originals).allSatisfy { abs($0.timestamp - $1.timestamp) < 100 })
        #expect(
            exposed.filter { $0.loss.map { $0.lostCount == $0.isLost.count } ?? false }.count == 1)
        // Noise stands there where nothing is to be filled.
        let place = try #require(exposed.firstIndex { $0.loss?.isLost.contains(false) == false })
        let isNoise = (0..<1000).filter { exposed[place].planes[0][$0 % 300, $0 / 300 * 40] < 10 }
        #expect(isNoise.count > 10, "\(isNoise.count)")
        // Where no packet is missing it was never there; what is predicted wrongly is named all the same.
        var counter: UInt8 = 0
        var whole39 = damaged
        for head in stride(from: 0, to: damaged.count, by: 188)
        where damaged[head + 1] & 0x1F == 1 && damaged[head + 2] == 0 {
            whole39[head + 3] = damaged[head + 3] & 0xF0 | counter
            counter = (counter + 1) & 15
        }
        writeBytes(whole39, to: folder("damaged.ts"))
        let cut = try frames(folder("damaged.ts"), .expose)
        #expect(cut.count == 39)
        #expect(cut.allSatisfy { ($0.loss?.lostCount ?? 0) < 200 })
    }
    @Test("Pictures of two fields are not put back")
    func fields() throws {
        let whole = try stream("-c:v mpeg2video -q:v 3 -bf 2 -g 15 -flags +ildct+ilme")
        var units = 1
        writeBytes(
            without(whole) { _, begins in
                units += begins ? 1 : 0
                return begins && units == 5
            }, to: folder("damaged.ts"))
        #expect(try frames(folder("damaged.ts"), .expose).count == 39)
    }
}
