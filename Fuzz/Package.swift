// swift-tools-version:6.0
import PackageDescription

// A package of its own, so that the main one carries no fuzzing code.
//
//     swift build -c release --sanitize fuzzer --product fuzz-safetensors
//     .build/release/fuzz-safetensors -dict=Corpora/safetensors.dict -max_total_time=60 \
//         .build/corpus Corpora/safetensors

let package = Package(
    name: "Fuzz",
    dependencies: [.package(name: "Percept", path: "..")],
    targets: [
        // libFuzzer brings the main function.
        .executableTarget(
            name: "fuzz-safetensors", dependencies: [.product(name: "Percept", package: "Percept")],
            swiftSettings: [.unsafeFlags(["-parse-as-library"])]),
        .executableTarget(
            name: "make-corpora", dependencies: [.product(name: "Percept", package: "Percept")]),
    ]
)
