// swift-tools-version:6.0
import PackageDescription

// A package of its own, so that the main one carries no fuzzing code. What strangers send is read by
// parsers of our own in seven places; each has a target, a corpus and, where it helps, a dictionary:
//
//     swift build -c release --sanitize fuzzer -Xswiftc -sanitize=fuzzer,address \
//         -Xcc -fsanitize=address --product fuzz-yuv4mpeg
//     .build/release/fuzz-yuv4mpeg -max_total_time=300 -timeout=10 -rss_limit_mb=2048 \
//         .build/corpus-yuv4mpeg Corpora/yuv4mpeg
//
// The corpora are made, not collected: `swift run -c release make-corpora Corpora`; those of PyTorch's files
// by `torch.save` itself, those of annotations and plans by hand.

let parseAsLibrary: [SwiftSetting] = [.unsafeFlags(["-parse-as-library"])]
let percept: Target.Dependency = .product(name: "Percept", package: "Percept")

let package = Package(
    name: "Fuzz",
    dependencies: [.package(name: "Percept", path: "..")],
    targets: [
        // libFuzzer brings the main function.
        .executableTarget(
            name: "fuzz-safetensors", dependencies: [percept, "FuzzSupport"],
            swiftSettings: parseAsLibrary),
        .executableTarget(
            name: "fuzz-pytorch", dependencies: [percept, "FuzzSupport"],
            swiftSettings: parseAsLibrary),
        .executableTarget(
            name: "fuzz-annotations", dependencies: [percept, "FuzzSupport"],
            swiftSettings: parseAsLibrary),
        .executableTarget(
            name: "fuzz-plans", dependencies: [percept, "FuzzSupport"],
            swiftSettings: parseAsLibrary),
        .executableTarget(
            name: "fuzz-yuv4mpeg", dependencies: [percept, "FuzzSupport"],
            swiftSettings: parseAsLibrary),
        .executableTarget(
            name: "fuzz-stills", dependencies: [percept, "FuzzSupport"],
            swiftSettings: parseAsLibrary),
        .executableTarget(
            name: "fuzz-headers",
            dependencies: [.product(name: "CodedHeaders", package: "Percept")],
            swiftSettings: parseAsLibrary),
        .target(name: "FuzzSupport"),
        .executableTarget(
            name: "make-corpora",
            dependencies: [percept, .product(name: "CodedHeaders", package: "Percept")]),
    ]
)
