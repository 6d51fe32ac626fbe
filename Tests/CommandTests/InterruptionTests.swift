// Stopping mwgan enhance in the middle: nothing under the final name, and nothing left for long.
import Glibc
import TestSupport
import Testing

@Suite("Interruption", .serialized)
struct InterruptionTests {
    private func start(_ place: Workplace, _ clip: String, _ output: String) throws
        -> RunningProgram
    {
        try place.mwgan.start([
            "enhance", "--model", place.model, "-q", "-o", output, clip,
        ])
    }

    /// Waits until a file whose name ends in `.part` exists.
    private func waitForPart(_ place: Workplace) {
        for _ in 0..<600 {
            if place.folder.names.contains(where: { $0.hasSuffix(".part") }) { return }
            usleep(20_000)
        }
    }

    @Test(
        "Ctrl-C and SIGTERM end with 130 and 143 and leave nothing", arguments: [SIGINT, SIGTERM])
    func signals(number: Int32) throws {
        let place = try Workplace()
        let clip = place.clip(frames: 500, size: "320x240")
        let before = place.folder.names
        let program = try start(place, clip, place.folder("out.mp4"))
        waitForPart(place)
        program.send(number)
        let result = program.wait()
        #expect(result.status == 128 + number, "\(result.errors)")
        #expect(place.folder.names == before)
    }

    @Test(
        "A second Ctrl-C removes everything unfinished: films, pictures, numbered pictures",
        arguments: ["out.mp4", "out.png", "f%04d.png", "out.y4m"])
    func twice(_ name: String) throws {
        let place = try Workplace()
        let clip =
            name == "out.png"
            ? place.clip("one.mkv", frames: 1, size: "3840x2160", codec: "ffv1")
            : place.clip(frames: 400, size: "320x240")
        let input = name == "out.png" ? place.folder("one.png") : clip
        if name == "out.png" { ffmpeg("-i '\(clip)' -frames:v 1 '\(input)'") }
        let before = place.folder.names
        for delay in isSoaking ? [0, 10, 20, 40, 60, 200, 500] : [20] {
            let program = try start(place, input, place.folder(name))
            if name == "out.png" { usleep(300_000) } else { waitForPart(place) }
            usleep(UInt32(delay) * 1000)
            program.send(SIGINT)
            program.send(SIGINT)
            // Some pictures may be done before the signals come.
            let status = program.wait().status
            #expect(status == 130 || status == 0 && name == "out.png")
            #expect(!place.folder.names.contains { $0.hasSuffix(".part") })
            if status == 130 { #expect(place.folder.names == before) }
            unlink(place.folder("out.png"))
        }
    }

    @Test("After kill -9 nothing has the final name, and the next run clears up")
    func kill() throws {
        let place = try Workplace()
        let clip = place.clip(frames: 500, size: "320x240")
        let output = place.folder("out.mp4")
        for _ in 0..<(isSoaking ? 60 : 2) {
            let program = try start(place, clip, output)
            // Any moment: while it starts, tries sizes, writes, moves the index, names the file.
            usleep(.random(in: 0...(isSoaking ? 4_000_000 : 500_000)))
            program.send(SIGKILL)
            let status = program.wait().status
            if place.folder.names.contains("out.mp4") {
                // It was named before the signal came: then it is whole.
                #expect(Workplace.probe(output, "nb_read_frames") == "500")
                unlink(output)
            } else {
                #expect(status == 128 + SIGKILL)
            }
        }
        let short = place.clip("short.mp4")
        let result = try place.enhance(short, "-o", output)
        #expect(result.status == 0, "\(result.errors)")
        #expect(!place.folder.names.contains { $0.hasSuffix(".part") })
    }
}
