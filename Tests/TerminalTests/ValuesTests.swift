import Terminal
import Testing

@Suite struct ValuesTests {
    @Test(
        "Times are read as people write them",
        arguments: [
            ("90", 90), ("90s", 90), ("1.5m", 90), ("1h2m3.5s", 3723.5), ("250ms", 0.25),
            ("2m500ms", 120.5), ("12:30.5", 750.5), ("1:02:03", 3723), ("0:00", 0),
            ("100:00", 6000),
            ("0", 0), ("1h", 3600),
        ] as [(String, Double)])
    func times(text: String, seconds: Double) { #expect(readTime(text) == seconds) }

    @Test(
        "What is no time is refused",
        arguments: [
            "", ":", "1:", ":30", "1:60", "1:2:3:4", "-5", "5x", "5s3m", "1s1s", "s", "1.5:30",
            "1..5", ".5", "5.", "1e3", "٣", "1:٣", "1 s",
        ])
    func badTimes(text: String) { #expect(readTime(text) == nil) }

    @Test(
        "Sizes are read in powers of 1000, and of 1024 with an i",
        arguments: [
            ("123456", 123_456), ("700M", 700_000_000), ("1.5G", 1_500_000_000), ("2kB", 2000),
            ("64KiB", 65536), ("1Mi", 1_048_576), ("10b", 10), ("3T", 3_000_000_000_000),
        ] as [(String, Int64)])
    func sizes(text: String, bytes: Int64) { #expect(readByteSize(text) == bytes) }

    @Test(
        "What is no size is refused",
        arguments: ["", "0", "M", "-1", "1X", "1MM", "1i", "1iB", "9999999T", "1e3", "1 M", "0.1"])
    func badSizes(text: String) { #expect(readByteSize(text) == nil) }
}
