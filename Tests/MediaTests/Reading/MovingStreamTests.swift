// Decoders have seen something move before a video begins, so that motion that was lost is never guessed right by chance.
import CFFmpeg
import TestSupport
import Testing

@testable import Media

@Suite(.serialized) struct MovingStreamTests {
    let folder = TemporaryFolder()

    private func format(
        _ columns: Int = 10, _ rows: Int = 6, chroma: Int = 1, depth: Int = 8,
        aspect: Rational = Rational(0, 1), lengthBytes: Int? = nil
    ) -> MovingStream.Format {
        MovingStream.Format(
            columns: columns, rows: rows, chroma: chroma, depth: depth, aspect: aspect,
            lengthBytes: lengthBytes)
    }

    @Test(
        "Decoders find pictures of one grey and nothing wrong, in every sampling and depth",
        arguments: [
            (1, 8, "yuv420p"), (1, 10, "yuv420p10le"), (2, 8, "yuv422p"),
            (2, 10, "yuv422p10le"), (3, 8, "yuv444p"),
        ])
    func decodes(_ chroma: Int, _ depth: Int, _ expected: String) throws {
        let path = folder("moving.h264")
        let packets = MovingStream.packets(
            format(chroma: chroma, depth: depth, aspect: Rational(40, 33)))
        #expect(packets.count == 11)
        folder.write(packets.flatMap { $0 }, to: "moving.h264")
        let told = shell(
            "ffmpeg -v warning -f h264 -i '\(path)' -f null - 2>&1; ffprobe -v error -f h264 -show_entries "
                + "stream=width,height,pix_fmt,sample_aspect_ratio -of csv=p=0 '\(path)'")
        #expect(told.status == 0)
        #expect(
            String(decoding: told.output, as: UTF8.self).split(separator: "\n").map(String.init)
                == [
                    "160,96,40:33,\(expected)"
                ], "\(told.output)")
        let hashes = shell(
            "ffmpeg -v error -f h264 -i '\(path)' -f framemd5 - | grep -v '#' | awk '{ print $NF }'"
        )
        let pictures = String(decoding: hashes.output, as: UTF8.self).split(separator: "\n")
        #expect(pictures.count == 11 && Set(pictures).count == 1)
    }

    @Test("What follows is decoded as it would be without, and nothing of the stream comes out")
    func before() throws {
        let clean = folder("clean.mkv")
        ffmpeg(
            "-f lavfi -i mandelbrot=s=176x98:r=25:start_scale=0.6:end_pts=40 -t 1 -c:v libx264 -bf 3"
                + " -g 12 -pix_fmt yuv420p -vf setsar=4/3 '\(clean)'")
        let reader = try VideoReader(path: clean, options: ReadOptions(threads: 1))
        _ = try reader.next()
        let context = reader.decoder.context
        let source = try MediaSource(path: clean)
        let stream = try #require(source.context.pointee.streams[0]).pointee.codecpar!
        let format = try #require(MovingStream.Format(context))
        #expect(format == self.format(11, 7, aspect: Rational(4, 3), lengthBytes: 4))
        let decoders = try (0..<2).map { _ in try #require(ShadowDecoder(beside: context, stream)) }
        decoders[1].see(MovingStream.packets(format))
        var packet = av_packet_alloc()
        defer { av_packet_free(&packet) }
        var numbers: [Int] = []
        for number in 0..<25 {
            let packet = try #require(packet)
            try #require(av_read_frame(source.context, packet) >= 0)
            defer { av_packet_unref(packet) }
            if number % 12 == 0 {
                let bytes = UnsafeBufferPointer(
                    start: packet.pointee.data, count: Int(packet.pointee.size))
                #expect(format.beginsAnew(bytes))
            }
            for decoder in decoders { decoder.decode(packet, number: number) }
            numbers += decoders[0].buffers.handed.map(\.number)
            #expect(
                decoders[0].buffers.handed.map(\.number)
                    == decoders[1].buffers.handed.map(\.number))
        }
        for decoder in decoders { decoder.decode(nil, number: 25) }
        #expect(decoders.map(\.finishedCount) == [25, 25])
        for number in numbers {
            let (a, b) = (decoders[0].take(number), decoders[1].take(number))
            let (first, second) = (try #require(a), try #require(b))
            #expect(
                rawBytes(try #require(Frame(writing: first.frame)))
                    == rawBytes(try #require(Frame(writing: second.frame))))
        }
    }

    @Test("No unit has in it what begins another one")
    func escaped() {
        for columns in stride(from: 1, to: 300, by: 7) {
            let packets = MovingStream.packets(
                format(columns, 1 + columns / 3, aspect: Rational(1 + Int32(columns) / 90, 256)))
            let bytes = packets[0].prefix(48)
            let starts = bytes.indices.dropLast(3).filter {
                bytes[$0] == 0 && bytes[$0 + 1] == 0 && bytes[$0 + 2] < 3
            }
            // Two for each of three units: four bytes of which the first is 0.
            #expect(starts.count == 6, "\(columns)")
        }
    }

    @Test("Pictures that make decoders forget are told from others, however units are packed")
    func forgetting() {
        let plain = format(), packed = format(lengthBytes: 2)
        func begins(_ format: MovingStream.Format, _ bytes: [UInt8]) -> Bool {
            bytes.withUnsafeBufferPointer { format.beginsAnew($0) }
        }
        for format in [plain, packed] {
            let packets = MovingStream.packets(format)
            #expect(begins(format, packets[0]))
            #expect(packets[1...].allSatisfy { !begins(format, $0) })
            #expect(!begins(format, []) && !begins(format, Array(packets[0].prefix(3))))
        }
        #expect(!begins(packed, [0xFF, 0xFF, 0x09]))
        // Not an IDR picture, and then one.
        #expect(!begins(plain, [0, 0, 1, 9, 0xF0, 0, 0, 1, 0x41, 1, 0, 0, 1, 0x65, 1]))
    }

    @Test(
        "B-frames whose motion hangs on motion that was lost are found from the first ones on",
        arguments: ["h264", "mkv"])
    func early(_ container: String) throws {
        let clean = folder("clean.\(container)"), elementary = folder("clean.es")
        ffmpeg(
            "-f lavfi -i mandelbrot=s=320x192:r=25:start_scale=0.8:end_scale=0.1:end_pts=30 -t 0.6"
                + " -c:v libx264 -bf 3 -g 50 -x264-params slices=6:aud=1:b-adapt=0:direct=spatial"
                + " -pix_fmt yuv420p '\(clean)'")
        ffmpeg("-i '\(clean)' -c copy -bsf h264_mp4toannexb -f h264 '\(elementary)'")
        var bytes = readBytes(clean)
        let stream = readBytes(elementary)
        var picture = -1, slice = 0, lost = 0
        for index in 0..<(stream.count - 30)
        where stream[index] == 0 && stream[index + 1] == 0 && stream[index + 2] == 1 {
            let kind = stream[index + 3] & 31
            if kind == 9 { (picture, slice) = (picture + 1, 0) }
            guard kind == 1 || kind == 5 else { continue }
            if picture == 2, (1...3).contains(slice) {
                // Of the B-frame that others are predicted from. A type that decoders pass over.
                let unit = Array(stream[index + 3..<index + 27])
                let place = try #require(
                    bytes.indices.dropLast(24).first { Array(bytes[$0..<$0 + 24]) == unit })
                bytes[place] = 0x1F
                lost += 1
            }
            slice += 1
        }
        try #require(lost == 3)
        let damaged = folder("damaged.\(container)")
        writeBytes(bytes, to: damaged)
        func frames(_ path: String, _ losses: LossHandling) throws -> [Frame] {
            var options = ReadOptions(threads: 1)
            options.losses = losses
            return try allFrames(VideoReader(path: path, options: options))
        }
        let originals = try frames(clean, .none), exposed = try frames(damaged, .expose)
        try #require(originals.count == 15 && exposed.count == 15)
        var truly = 0, both = 0
        for (frame, original) in zip(exposed, originals) where frame.pictureType == .bidirectional {
            let columns = (frame.width + 7) / 8
            for cell in 0..<columns * (frame.height / 8) {
                var sum = 0
                for y in 0..<8 {
                    for x in 0..<8 {
                        let (u, v) = (cell % columns * 8 + x, cell / columns * 8 + y)
                        sum += abs(frame.planes[0][u, v] - original.planes[0][u, v])
                    }
                }
                guard sum > 32 else { continue }
                truly += 1
                both += (frame.loss?.share[cell] ?? 0) > 0 ? 1 : 0
            }
        }
        #expect(truly > 300)
        #expect(Double(both) >= 0.98 * Double(truly), "\(both) of \(truly)")
    }
}
