// swift-tools-version:6.0
import PackageDescription

// Arrows point down only: a target may depend on targets listed below it, never on one above.

let package = Package(
    name: "Percept",
    products: [
        .executable(name: "mwgan", targets: ["mwgan"]),
        .executable(name: "hoi", targets: ["hoi"]),
        .executable(name: "pipeline", targets: ["pipeline"]),
        .executable(name: "percept-lab", targets: ["percept-lab"]),
        // For the packages beside this one: Benchmarks and Fuzz.
        .library(name: "CodedHeaders", targets: ["CHeaders"]),
        .library(
            name: "Percept",
            targets: [
                "Laboratory", "Batch", "Enhancement", "Policy", "Teaching", "Finding",
                "Interaction", "Memory", "Motion", "Wavelets", "Quality", "Media", "Learning",
                "Networks", "Compute", "Graphs", "Tensors", "Terminal",
                "CKernels",
            ]),
    ],
    targets: [
        // MARK: - Programs (one file per subcommand, no logic)

        .executableTarget(
            name: "mwgan",
            dependencies: [
                "Batch", "Policy", "Enhancement", "Motion", "Wavelets", "Quality", "Media",
                "Learning",
                "LearningOptions", "Networks", "Compute", "Graphs", "Tensors", "Statuses",
                "Terminal", "FileNames",
            ]),

        .executableTarget(
            name: "hoi",
            dependencies: [
                "Teaching", "Interaction", "Media", "Learning", "LearningOptions", "Networks",
                "Compute", "Tensors", "Statuses", "Terminal", "FileNames",
            ]),

        .executableTarget(
            name: "pipeline",
            dependencies: [
                "Batch", "Finding", "Enhancement", "Teaching", "Interaction", "Media", "Networks",
                "Compute", "Statuses", "Terminal", "FileNames",
            ]),

        .executableTarget(
            name: "percept-lab",
            dependencies: [
                "Laboratory", "Media", "Networks", "Statuses", "Terminal", "FileNames",
            ]),

        // MARK: - The papers' claims, measured

        .target(
            name: "Laboratory",
            dependencies: [
                "Enhancement", "Policy", "Interaction", "Memory", "Media", "Learning", "Networks",
                "Compute", "Graphs", "Tensors", "Terminal", "FileNames", "CZLIB",
            ]),

        // MARK: - Much work in small pieces

        .target(
            name: "Batch",
            dependencies: [
                "Policy", "Enhancement", "Teaching", "Interaction", "Quality", "Media", "Learning",
                "Networks", "Compute", "Statuses", "Terminal", "FileNames",
            ]),

        // MARK: - Decisions

        .target(
            name: "Policy",
            dependencies: [
                "Enhancement", "Motion", "Quality", "Memory", "Media", "Learning", "Networks",
                "Compute", "Graphs", "Tensors", "Terminal", "FileNames",
            ]),

        // MARK: - Video enhancement

        .target(
            name: "Enhancement",
            dependencies: [
                "Memory", "Motion", "Wavelets", "Quality", "Media", "Learning", "Networks",
                "Compute", "Graphs", "Tensors", "CKernels", "FileNames",
            ]),

        // MARK: - Interactions learned from a few photographs

        .target(
            name: "Teaching",
            dependencies: [
                "Interaction", "Memory", "Media", "Networks", "Compute", "Graphs", "Tensors",
                "Terminal", "FileNames",
            ]),

        // MARK: - Finding videos again

        .target(
            name: "Finding",
            dependencies: [
                "Memory", "Interaction", "Media", "Networks", "Tensors", "Terminal", "FileNames",
                "CKernels",
            ]),

        // MARK: - Human-object interactions

        .target(
            name: "Interaction",
            dependencies: [
                "Media", "Learning", "Networks", "Compute", "Graphs", "Tensors", "Terminal",
                "FileNames",
            ]),

        // MARK: - Memories

        .target(
            name: "Memory",
            dependencies: [
                "Learning", "Networks", "Compute", "Graphs", "Tensors", "Terminal", "CKernels",
            ]),

        // MARK: - Video and pictures

        .target(name: "Motion", dependencies: ["Media", "Tensors", "CKernels"]),
        .target(name: "Wavelets", dependencies: ["Media", "Tensors", "CKernels"]),
        .target(
            name: "Quality",
            dependencies: ["Media", "Networks", "Compute", "Graphs", "Tensors", "CKernels"]),
        .target(name: "Media", dependencies: ["FileNames", "CFFmpeg", "CHeaders", "CStills"]),

        // MARK: - One graph of computation

        .target(name: "Learning", dependencies: ["Networks", "Compute", "Graphs", "Tensors"]),
        .target(name: "Networks", dependencies: ["Graphs", "Tensors"]),
        .target(name: "Compute", dependencies: ["Graphs", "Tensors", "COneDNN", "CKernels"]),
        .target(name: "Graphs", dependencies: ["Tensors"]),
        .target(name: "Tensors"),

        // MARK: - Exit statuses of errors

        .target(
            name: "Statuses",
            dependencies: ["Media", "Learning", "Networks", "Compute", "Terminal"]),

        // MARK: - Options of programs that train

        .target(name: "LearningOptions", dependencies: ["Learning", "Terminal"]),

        // MARK: - The terminal (knows no vision)

        .target(name: "Terminal", dependencies: ["FileNames"]),

        // MARK: - Names of files as bytes

        .target(name: "FileNames"),

        // MARK: - C: our kernels, and the borders to system libraries

        .target(
            name: "CKernels", cSettings: [.unsafeFlags(["-O3", "-fno-math-errno"])],
            linkerSettings: [.linkedLibrary("gomp"), .linkedLibrary("m")]),
        .systemLibrary(
            name: "CFFmpeg", pkgConfig: "libavformat libavcodec libavutil libswscale",
            providers: [
                .apt(["libavformat-dev", "libavcodec-dev", "libavutil-dev", "libswscale-dev"])
            ]),
        .target(name: "CHeaders", dependencies: ["CFFmpeg"]),
        .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
        .target(name: "CStills", dependencies: ["CPNG", "CJPEG"]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"])]),

        .systemLibrary(name: "CZLIB", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        // MARK: - Tests (mirror Sources file by file)

        .target(
            name: "TestSupport", dependencies: ["Media", "Tensors", "Graphs"],
            path: "Tests/TestSupport"),
        .testTarget(name: "TensorsTests", dependencies: ["Tensors", "TestSupport"]),
        .testTarget(name: "GraphsTests", dependencies: ["Graphs", "Tensors", "TestSupport"]),
        .testTarget(
            name: "ComputeTests",
            dependencies: [
                "Compute", "Graphs", "Tensors", "CKernels", "TestSupport", "allocation-probe",
            ]),
        // A program of its own: only there may malloc be another one.
        .target(name: "AllocationCount", path: "Tests/AllocationCount"),
        .executableTarget(
            name: "allocation-probe",
            dependencies: ["AllocationCount", "Compute", "Graphs", "Tensors"],
            path: "Tests/AllocationProbe"),
        .testTarget(
            name: "NetworksTests",
            dependencies: ["Networks", "Compute", "Graphs", "Tensors", "Terminal", "TestSupport"]),
        .testTarget(
            name: "LearningTests",
            dependencies: ["Learning", "Networks", "Compute", "Graphs", "Tensors", "TestSupport"]),
        .testTarget(
            name: "TerminalTests", dependencies: ["Terminal", "TestSupport"],
            exclude: ["Snapshots"]),
        .testTarget(name: "FileNamesTests", dependencies: ["FileNames"]),
        .testTarget(name: "MediaTests", dependencies: ["Media", "Tensors", "TestSupport"]),
        .testTarget(
            name: "QualityTests",
            dependencies: ["Quality", "Networks", "Media", "Tensors", "TestSupport"]),
        .testTarget(
            name: "WaveletsTests", dependencies: ["Wavelets", "Media", "Tensors", "TestSupport"]),
        .testTarget(
            name: "MotionTests", dependencies: ["Motion", "Media", "Tensors", "TestSupport"]),
        .testTarget(
            name: "EnhancementTests",
            dependencies: [
                "Enhancement", "Motion", "Wavelets", "Quality", "Media", "Learning", "Networks",
                "Compute", "Graphs", "Tensors", "CKernels", "TestSupport",
            ], exclude: ["Fixtures"]),
        .testTarget(
            name: "BatchTests",
            dependencies: [
                "Batch", "Policy", "Enhancement", "Teaching", "Interaction", "Media", "Networks",
                "Compute",
                "Tensors", "Terminal", "FileNames", "TestSupport",
            ]),
        .testTarget(
            name: "InteractionTests",
            dependencies: [
                "Interaction", "Media", "Learning", "Networks", "Compute", "Graphs", "Tensors",
                "Terminal", "TestSupport",
            ], exclude: ["Fixtures"]),
        .testTarget(
            name: "TeachingTests",
            dependencies: [
                "Teaching", "Interaction", "Memory", "Networks", "Tensors", "Terminal",
                "TestSupport",
            ]),
        .testTarget(
            name: "MemoryTests",
            dependencies: [
                "Memory", "Learning", "Networks", "Graphs", "Tensors", "CKernels", "TestSupport",
            ]),
        .testTarget(
            name: "PolicyTests",
            dependencies: [
                "Policy", "Enhancement", "Quality", "Media", "Learning", "Networks", "Graphs",
                "Tensors", "Terminal", "TestSupport",
            ]),
        .testTarget(
            name: "FindingTests",
            dependencies: [
                "Finding", "Interaction", "Memory", "Media", "Tensors", "Terminal", "TestSupport",
            ]),
        .testTarget(
            name: "LaboratoryTests",
            dependencies: [
                "Laboratory", "percept-lab", "Policy", "Memory", "Learning", "Graphs", "Tensors",
                "Terminal", "CZLIB", "TestSupport",
            ]),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                "mwgan", "hoi", "pipeline", "percept-lab", "Batch", "Enhancement", "Interaction",
                "Networks", "Tensors", "Terminal", "TestSupport",
            ]),
    ]
)
