// What may be opened, and what is refused with which exit status.
import Media
import TestSupport
import Testing

@Suite struct MediaSourceTests {
    let folder = TemporaryFolder()

    private func exitCode(_ path: String, _ options: ReadOptions = ReadOptions()) -> Int32? {
        do {
            _ = try VideoReader(path: path, options: options)
            return nil
        } catch let error as MediaError {
            #expect(!error.description.contains("\n"))
            return error.exitCode
        } catch {
            Issue.record(error)
            return -1
        }
    }

    @Test("Missing is 66; empty, folders, text, noise and playlists are 65")
    func refusals() {
        #expect(exitCode(folder("nothing.mp4")) == 66)
        writeBytes([], to: folder("empty.mp4"))
        #expect(exitCode(folder("empty.mp4")) == 65)
        #expect(exitCode(folder.path) == 65)
        writeBytes(Array("A letter.\nNo video.\n".utf8), to: folder("letter.txt"))
        #expect(exitCode(folder("letter.txt")) == 65)
        writeBytes(
            (0..<5000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }, to: folder("noise.mp4"))
        #expect(exitCode(folder("noise.mp4")) == 65)
        ffmpeg("-f lavfi -i testsrc2=s=64x64:r=25:d=0.2 -c:v libx264 '\(folder("real.ts"))'")
        writeBytes(
            Array("#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nreal.ts\n#EXT-X-ENDLIST\n".utf8),
            to: folder("list.m3u8"))
        #expect(exitCode(folder("list.m3u8")) == 65)
        writeBytes(Array("ffconcat version 1.0\nfile real.ts\n".utf8), to: folder("list.ffconcat"))
        #expect(exitCode(folder("list.ffconcat")) == 65)
        #expect(exitCode("http://127.0.0.1:1/x.mp4") == 66)
        #expect(exitCode("concat:\(folder("real.ts"))") == 66)
    }

    @Test("A sound file is no video")
    func soundOnly() {
        ffmpeg("-f lavfi -i sine=d=0.3 '\(folder("sound.wav"))'")
        #expect(exitCode(folder("sound.wav")) == 65)
    }

    @Test("Colons and percent signs in names are only names")
    func names() {
        for name in ["12:30.mp4", "a%d.mp4", "http:x.mp4"] {
            ffmpeg(
                "-f lavfi -i testsrc2=s=64x64:r=25:d=0.2 -c:v libx264 -f mp4 'file:\(folder(name))'"
            )
            #expect(exitCode(folder(name)) == nil)
        }
    }

    @Test("A picture over the limit is refused before it is decoded")
    func pixelLimit() {
        ffmpeg("-f lavfi -i testsrc2=s=320x240:r=25:d=0.2 -c:v libx264 '\(folder("big.mp4"))'")
        #expect(exitCode(folder("big.mp4"), ReadOptions(maximumPixels: 320 * 240 - 1)) == 65)
        #expect(exitCode(folder("big.mp4"), ReadOptions(maximumPixels: 320 * 240)) == nil)
    }

    @Test("Streams, languages, chapters and metadata are told")
    func information() throws {
        let path = folder("rich.mkv")
        writeBytes(
            Array(
                ";FFMETADATA1\ntitle=Holiday\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\ntitle=One\n"
                    .utf8),
            to: folder("meta.txt"))
        ffmpeg(
            "-f lavfi -i testsrc2=s=64x64:r=25:d=1 -f lavfi -i sine=d=1 -f lavfi -i sine=d=1"
                + " -i '\(folder("meta.txt"))' -map_metadata 3 -map_chapters 3 -map 0 -map 1 -map 2"
                + " -c:v libx264 -c:a aac -metadata:s:a:0 language=fra -metadata:s:a:1 language=deu '\(path)'"
        )
        let info = try MediaSource(path: path).info
        #expect(info.streams.map(\.kind) == [.video, .audio, .audio])
        #expect(
            info.streams.map(\.language) == [nil, "fre", "ger"]
                || info.streams.map(\.language) == [nil, "fra", "deu"])
        #expect(info.chapters.count == 1)
        #expect(info.chapters.first?.metadata.value("title") == "One")
        #expect(info.metadata.value("TITLE") == "Holiday")
        #expect(info.video?.codec == "h264")
        #expect(abs((info.duration ?? 0) - 1) < 0.1)
    }
}
