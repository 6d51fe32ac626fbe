// swift-tools-version:6.0
import PackageDescription

// A package of its own, so that the main one carries no benchmark code.

let package = Package(
    name: "Benchmarks",
    dependencies: [.package(name: "Percept", path: "..")],
    targets: [
        .executableTarget(
            name: "bench", dependencies: [.product(name: "Percept", package: "Percept")])
    ]
)
