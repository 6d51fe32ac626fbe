// Cases of operations on pictures: padding, pooling, resizing, packets, warps, boxes.
import Graphs
import Tensors

/// Padding, pooling, resizing, packets, warps and boxes.
let pictureCases: [OperationCase] =
    paddingCases + poolingCases + resizeCases + packetCases + warpCases + boxCases

private let paddingCases: [OperationCase] = {
    let borders: [Border] = [.zero, .reflect, .replicate]
    return borders.flatMap { border in
        [
            OperationCase(
                "Pad \(border) of all sides", ["x": .uniform([1, 17, 5, 3])], twice: true
            ) { $0["x"]!.padded(top: 2, bottom: 1, left: 0, right: 2, border: border) },
            OperationCase("Pad \(border) of one axis", ["x": .uniform([7])], twice: true) {
                $0["x"]!.padded(before: [3], after: [6], border: border)
            },
        ]
    }
}()

private let poolingCases: [OperationCase] = {
    var wide = PoolingGeometry(kernel: 3, stride: 2)
    (wide.kernelWidth, wide.strideX, wide.paddingLeft, wide.paddingBottom) = (2, 1, 1, 2)
    let geometries: [(String, Shape, PoolingGeometry)] = [
        ("2", [2, 7, 6, 7], PoolingGeometry(kernel: 2)),
        ("3, stride 2, padding 1", [1, 17, 7, 9], .init(kernel: 3, stride: 2, padding: 1)),
        ("3, stride 1", [1, 1, 5, 7], .init(kernel: 3, stride: 1)),
        ("3x2, asymmetric", [1, 7, 8, 5], wide),
    ]
    return geometries.flatMap { name, shape, geometry in
        [
            OperationCase("MaximumPooling \(name)", ["x": .distinct(shape)], twice: true) {
                $0["x"]!.maximumPooled(geometry)
            },
            OperationCase("AveragePooling \(name)", ["x": .uniform(shape)], twice: true) {
                $0["x"]!.averagePooled(geometry)
            },
            OperationCase(
                "AveragePooling \(name), without padding", ["x": .uniform(shape)], twice: true
            ) { $0["x"]!.averagePooled(geometry, countsPadding: false) },
        ]
    }
}()

private let resizeCases: [OperationCase] = {
    let interpolations: [Interpolation] = [.nearest, .bilinear]
    let scales = [ResizeScale(2), ResizeScale(1, over: 2), ResizeScale(3, over: 2), ResizeScale(1)]
    return interpolations.flatMap { interpolation in
        scales.map { scale in
            OperationCase(
                "Resize \(interpolation) by \(scale.up) / \(scale.down)",
                ["x": .uniform([1, 7, 5, 3])], twice: true
            ) { $0["x"]!.resized(interpolation, by: scale) }
        } + [
            OperationCase(
                "Resize \(interpolation), height only", ["x": .uniform([2, 1, 3, 5])], twice: true
            ) {
                let resize = Resize(interpolation, scaleY: .init(2), scaleX: .init(1))
                return $0["x"]!.applying(resize)
            },
            OperationCase(
                "ResizeLike \(interpolation)",
                ["x": .uniform([2, 17, 3, 4]), "like": .shapeOnly([1, 1, 7, 3])], twice: true
            ) { $0["x"]!.resized(interpolation, like: $0["like"]!) },
        ]
    }
}()

private let packetCases: [OperationCase] = {
    [1, 7].flatMap { channels in
        [
            OperationCase(
                "HaarPackets of \(channels)", ["x": .uniform([2, channels, 6, 10])], twice: true
            ) { $0["x"]!.haarPackets },
            OperationCase(
                "HaarPackets of \(channels), two levels", ["x": .uniform([1, channels, 4, 12])],
                twice: true
            ) { $0["x"]!.haarPackets.haarPackets },
            OperationCase(
                "InverseHaarPackets of \(channels)", ["x": .uniform([2, 4 * channels, 3, 5])],
                twice: true
            ) { $0["x"]!.inverseHaarPackets },
        ]
    } + [
        OperationCase("PixelShuffle", ["x": .uniform([2, 27, 1, 5])], twice: true) {
            $0["x"]!.pixelShuffled(3)
        },
        OperationCase("PixelUnshuffle", ["x": .uniform([1, 7, 4, 6])], twice: true) {
            $0["x"]!.pixelUnshuffled(2)
        },
    ]
}()

private let warpCases: [OperationCase] = {
    let borders: [Border] = [.zero, .replicate]
    return borders.flatMap { border in
        [
            OperationCase(
                "Warp \(border)",
                ["x": .uniform([2, 7, 5, 7]), "flow": .flow([2, 2, 5, 7], reach: 3)]
            ) { $0["x"]!.warped(by: $0["flow"]!, border: border) },
            OperationCase(
                "Warp \(border), 17 channels, far outside",
                ["x": .uniform([1, 17, 3, 4]), "flow": .flow([1, 2, 5, 3], reach: 9)]
            ) { $0["x"]!.warped(by: $0["flow"]!, border: border) },
            OperationCase(
                "Warp \(border), fixed flow",
                [
                    "x": .uniform([1, 1, 5, 7]),
                    "flow": .flow([1, 2, 5, 7], reach: 2, differentiable: false),
                ], twice: true
            ) { $0["x"]!.warped(by: $0["flow"]!, border: border) },
            OperationCase(
                "WarpBackwardPicture \(border)",
                [
                    "c": .uniform([1, 3, 5, 4]), "flow": .flow([1, 2, 5, 4], reach: 2),
                    "x": .shapeOnly([1, 3, 4, 7]),
                ]
            ) { $0["c"]!.applying(WarpBackwardPicture(border: border), $0["flow"]!, $0["x"]!) },
        ]
    }
}()

private let boxCases: [OperationCase] = {
    let readings: [(String, RoIAlign)] = [
        ("adaptive", RoIAlign(outputHeight: 3, outputWidth: 2, spatialScale: 0.5)),
        ("2 x 2 points", RoIAlign(outputHeight: 2, outputWidth: 3, samplingRatio: 2)),
        (
            "unaligned",
            RoIAlign(outputHeight: 2, outputWidth: 2, samplingRatio: 3, aligned: false)
        ),
    ]
    return readings.map { name, reading in
        let (height, width) = (9 / reading.spatialScale, 7 / reading.spatialScale)
        return OperationCase(
            "RoIAlign, \(name)",
            [
                "x": .uniform([2, 7, 9, 7]),
                "boxes": .boxes(5, batch: 2, height: height, width: width),
            ], twice: true
        ) { $0["x"]!.roiAligned($0["boxes"]!, reading) }
    }
}()
