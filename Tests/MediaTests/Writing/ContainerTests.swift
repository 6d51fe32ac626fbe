import Media
import Testing

@Suite("Outputs are named and sized by simple rules")
struct ContainerTests {
    @Test(
        "The default output lies beside the input, in a container that holds modern video",
        arguments: [
            ("a/My film.mp4", "a/My film.enhanced.mp4"), ("clip.MOV", "clip.enhanced.MOV"),
            ("x.tar.mkv", "x.tar.enhanced.mkv"), ("old.avi", "old.enhanced.mkv"),
            ("/v/old.wmv", "/v/old.enhanced.mkv"), ("a.flv", "a.enhanced.mkv"),
            ("a.gif", "a.enhanced.mkv"), ("a.ts", "a.enhanced.mkv"),
            ("noext", "noext.enhanced.mkv"),
            ("w.webm", "w.enhanced.webm"), (".hidden", ".hidden.enhanced.mkv"),
        ])
    func defaultNames(_ input: String, _ output: String) {
        #expect(defaultOutput(for: input, isStill: false) == output)
    }

    @Test("Pictures stay JPEG or PNG, and a folder replaces the input's own")
    func defaultPictures() {
        #expect(defaultOutput(for: "p/photo.JPG", isStill: true) == "p/photo.enhanced.JPG")
        #expect(defaultOutput(for: "scan.tif", isStill: true) == "scan.enhanced.png")
        #expect(defaultOutput(for: "a/b.mp4", in: "out", isStill: false) == "out/b.enhanced.mp4")
        #expect(defaultOutput(for: "a/b.mp4", in: "out/", isStill: false) == "out/b.enhanced.mp4")
    }

    @Test("A path says what is written")
    func kinds() throws {
        #expect(try OutputKind(path: "-") == .yuv4mpeg)
        #expect(try OutputKind(path: "a.y4m") == .yuv4mpeg)
        #expect(try OutputKind(path: "f/%06d.png") == .sequence)
        #expect(try OutputKind(path: "f.jpeg") == .still(.jpeg))
        #expect(try OutputKind(path: "f.m4v") == .video(.mp4))
        #expect(throws: OutputError.self) { try OutputKind(path: "f.doc") }
    }

    @Test("Sizes are read as people write them")
    func sizes() {
        #expect(SizePolicy("auto") == .auto && SizePolicy("max") == .max)
        #expect(SizePolicy("keep") == .factor(1) && SizePolicy("1.5x") == .factor(1.5))
        #expect(
            SizePolicy("700M") == .bytes(700_000_000) && SizePolicy("1.4G") == .bytes(1_400_000_000)
        )
        for text in ["", "x", "-1x", "0x", "nanx", "12Q", "M", "1e99G", "auto "] {
            #expect(SizePolicy(text) == nil, "\(text)")
        }
    }

    @Test("A capped buffer never lets more than the cap through, however short the clip")
    func cap() throws {
        for duration in [0.5, 1, 3, 10, 3600] {
            let rate = try SizePolicy.auto.rateControl(
                SizeFacts(videoBitrate: 1_000_000, duration: duration), crf: nil, encoder: .x264,
                path: "out.mp4")
            let most = Double(rate.maximumRate!) * duration + 0.9 * Double(rate.bufferSize!)
            #expect(most <= 2_000_000 * duration * 1.001)
            #expect(rate.crf == 17)
        }
    }

    @Test("A size that cannot be reached, or is unknown, is refused")
    func impossible() {
        #expect(throws: OutputError.self) {
            try SizePolicy.bytes(10000).rateControl(
                SizeFacts(duration: 600), crf: nil, encoder: .x264, path: "out.mp4")
        }
        #expect(throws: OutputError.self) {
            try SizePolicy.keep.rateControl(SizeFacts(), crf: nil, encoder: .x264, path: "out.mp4")
        }
    }
}
