import Terminal
import Testing

@Suite struct HumanReadableTests {
    @Test(
        "Decimals are rounded and kept",
        arguments: [
            (0, 2, "0.00"), (1.005, 1, "1.0"), (-0.5, 2, "-0.50"), (0.049, 2, "0.05"),
            (2.5, 0, "3"),
            (-0.001, 2, "0.00"), (1234.5678, 3, "1234.568"), (.nan, 1, "n/a"),
            (.infinity, 0, "n/a"),
        ] as [(Double, Int, String)])
    func decimals(value: Double, decimals: Int, text: String) {
        #expect(fixed(value, decimals: decimals) == text)
    }

    @Test(
        "Bytes have three significant digits",
        arguments: [
            (0, "0 B"), (999, "999 B"), (1000, "1.00 kB"), (1500, "1.50 kB"), (99_949, "99.9 kB"),
            (99_960, "100 kB"), (999_499, "999 kB"), (999_500, "1.00 MB"), (700_000_000, "700 MB"),
            (Int64.max, "9.22 EB"), (-1500, "-1.50 kB"),
        ] as [(Int64, String)])
    func bytes(bytes: Int64, text: String) { #expect(humanBytes(bytes) == text) }

    @Test(
        "Durations have their two largest units",
        arguments: [
            (0, "0 ms"), (0.25, "250 ms"), (0.9996, "1.0 s"), (5.25, "5.3 s"), (9.96, "10 s"),
            (59.9, "60 s"), (59.96, "1 min"), (200, "3 min 20 s"), (3600, "1 h"),
            (7500, "2 h 5 min"), (273_600, "3 d 4 h"), (.infinity, "n/a"), (-1, "n/a"),
        ] as [(Double, String)])
    func durations(seconds: Double, text: String) { #expect(humanDuration(seconds) == text) }

    @Test("Positions read back as the time they say")
    func clock() {
        #expect(clockTime(5) == "0:05.000" && clockTime(3723) == "1:02:03.000")
        #expect(clockTime(59.9996) == "1:00.000" && clockTime(-1.5) == "-0:01.500")
        for _ in 0..<200 {
            let seconds = (Double.random(in: 0...20_000) * 1000).rounded() / 1000
            #expect(abs(readTime(clockTime(seconds))! - seconds) < 1e-6)
        }
    }

    @Test("Bit rates") func bitrate() { #expect(humanBitrate(1_250_000) == "1.25 Mbit/s") }
}
