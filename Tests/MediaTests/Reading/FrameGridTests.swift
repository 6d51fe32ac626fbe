// Constant and variable frame rates, told by the times of packets.
import Media
import TestSupport
import Testing

@Suite("The grid that frames lie on", .serialized) struct FrameGridTests {
    private let folder = TemporaryFolder()

    private func rate(_ name: String, _ rate: String, _ words: String = "") throws -> Rational? {
        ffmpeg("-f lavfi -i testsrc2=s=64x48:r=\(rate):d=4 \(words) '\(folder(name))'")
        return try PacketScan(path: folder(name)).constantRate
    }

    @Test("Constant rates are found in containers of every time base")
    func constant() throws {
        let ntsc = Rational(30000, 1001)
        #expect(try rate("a.mp4", "25", "-c:v libx264 -bf 3") == Rational(25, 1))
        #expect(try rate("b.mov", "30000/1001", "-c:v libx264 -bf 3") == ntsc)
        #expect(try rate("c.mkv", "30000/1001", "-c:v libx264 -bf 3") == ntsc)
        // Half a frame off 0, where rounding to whole frames would collide.
        #expect(try rate("d.mkv", "30", "-vf setpts=PTS+0.5 -c:v libx264") == Rational(30, 1))
        #expect(try rate("e.ts", "50", "-c:v libx264") == Rational(50, 1))
        #expect(try rate("f.264", "25", "-c:v libx264") != nil)
    }

    @Test("A few dropped frames leave the grid in place; a rate that changes leaves none")
    func variable() throws {
        let drop = "-vf \"select='mod(n,10)'\" -fps_mode vfr -c:v libx264"
        #expect(try rate("a.mp4", "25", drop) == Rational(25, 1))
        let mixed =
            "-vf \"settb=1/9000,setpts='if(lt(N,30),N,30+(N-30)*1.7)/30/TB'\" -fps_mode vfr -enc_time_base 1:9000"
            + " -c:v libx264"
        #expect(try rate("b.mp4", "30", mixed + " -video_track_timescale 90000") == nil)
        #expect(try rate("c.mkv", "30", mixed) == nil)
    }
}
