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

    @Test("After kill -9 nothing has the final name, and the next run clears up")
    func kill() throws {
        let place = try Workplace()
        let clip = place.clip(frames: 500, size: "320x240")
        let output = place.folder("out.mp4")
        for delay in isSoaking ? [0, 50, 120, 300, 700, 1500] : [100] {
            let program = try start(place, clip, output)
            waitForPart(place)
            usleep(UInt32(delay) * 1000)
            program.send(SIGKILL)
            #expect(program.wait().status == 128 + SIGKILL)
            #expect(!place.folder.names.contains("out.mp4"))
        }
        let short = place.clip("short.mp4")
        let result = try place.enhance(short, "-o", output)
        #expect(result.status == 0, "\(result.errors)")
        #expect(!place.folder.names.contains { $0.hasSuffix(".part") })
    }
}
