// Frames as encoders want them: planes shared where the layouts agree, else packed.
import CFFmpeg

/// Turns frames into FFmpeg's, without copying samples where the encoder takes planes.
struct FramePacking {
    let format: FrameFormat
    let pixelFormat: AVPixelFormat
    /// Size as coded: even where the chroma of the encoder's format demands it.
    let codedWidth: Int, codedHeight: Int

    init(video: VideoDescription, encoder: Encoder, pixelFormat: AVPixelFormat) {
        format = video.format
        self.pixelFormat = pixelFormat
        // H.264 and HEVC crop in whole chroma samples: an odd edge is repeated once.
        let cropsInChroma = encoder == .x264 || encoder == .x265 || encoder == .svtAV1
        let halvesWidth = [.yuv420, .yuv422].contains(format.sampling)
        codedWidth = video.width + (cropsInChroma && halvesWidth ? video.width % 2 : 0)
        codedHeight =
            video.height + (cropsInChroma && format.sampling == .yuv420 ? video.height % 2 : 0)
    }

    /// Pictures whose size the encoder takes as it is.
    init(format: FrameFormat, width: Int, height: Int, pixelFormat: AVPixelFormat) {
        self.format = format
        self.pixelFormat = pixelFormat
        (codedWidth, codedHeight) = (width, height)
    }

    /// Fills `target` with the samples of `frame`; the planes live as long as FFmpeg refers to them.
    func fill(_ target: UnsafeMutablePointer<AVFrame>, from frame: Frame) throws {
        target.pointee.format = pixelFormat.rawValue
        target.pointee.width = Int32(codedWidth)
        target.pointee.height = Int32(codedHeight)
        let isPacked =
            (format.sampling == .rgb && format.depth == 8 && !isPlanarRGB)
            || (format.sampling == .gray && format.hasAlpha)
        if isPacked {
            try throwing(av_frame_get_buffer(target, 0), "allocate a picture")
            packInterleaved(target, frame)
        } else if codedWidth != frame.width || codedHeight != frame.height {
            try throwing(av_frame_get_buffer(target, 0), "allocate a picture")
            for index in frame.planes.indices { copyExtended(target, frame, index) }
        } else {
            for index in frame.planes.indices { try share(frame.planes[index], target, index) }
        }
    }

    private var isPlanarRGB: Bool {
        guard let descriptor = av_pix_fmt_desc_get(pixelFormat) else { return false }
        return descriptor.pointee.flags & UInt64(AV_PIX_FMT_FLAG_PLANAR) != 0
    }

    private func share(_ plane: Plane, _ target: UnsafeMutablePointer<AVFrame>, _ index: Int) throws
    {
        let owner = Unmanaged.passRetained(plane.memory)
        let first = plane.withUnsafeBytes {
            UnsafeMutableRawPointer(mutating: $0).assumingMemoryBound(to: UInt8.self)
        }
        let buffer = av_buffer_create(
            first, plane.bytesPerRow * plane.height,
            { opaque, _ in Unmanaged<PlaneMemory>.fromOpaque(opaque!).release() },
            owner.toOpaque(), AV_BUFFER_FLAG_READONLY)
        guard let buffer else {
            owner.release()
            throw MediaError.library(operation: "share a picture", reason: "out of memory")
        }
        withTuple(&target.pointee.buf) {
            (buffers: UnsafeMutablePointer<UnsafeMutablePointer<AVBufferRef>?>) in
            buffers[index] = buffer
        }
        withTuple(&target.pointee.data) {
            (planes: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) in planes[index] = first
        }
        withTuple(&target.pointee.linesize) { (strides: UnsafeMutablePointer<Int32>) in
            strides[index] = Int32(plane.bytesPerRow)
        }
    }

    /// Copies a plane and repeats its last column and row up to the coded size.
    private func copyExtended(
        _ target: UnsafeMutablePointer<AVFrame>, _ frame: Frame, _ index: Int
    ) {
        let plane = frame.planes[index]
        let size = format.planeSize(index, width: codedWidth, height: codedHeight)
        let destination = UnsafeMutableRawPointer(target.pointee.planePointer(index)!)
        let stride = target.pointee.planeStride(index)
        let sample = plane.bytesPerSample
        plane.withUnsafeBytes { source in
            for y in 0..<size.height {
                let from = source + min(y, plane.height - 1) * plane.bytesPerRow
                let to = destination + y * stride
                to.copyMemory(from: from, byteCount: plane.width * sample)
                for x in plane.width..<max(size.width, plane.width) {
                    (to + x * sample).copyMemory(
                        from: from + (plane.width - 1) * sample, byteCount: sample)
                }
            }
        }
    }

    /// Interleaves B, G, R and alpha (or a filler), or gray and alpha.
    private func packInterleaved(_ target: UnsafeMutablePointer<AVFrame>, _ frame: Frame) {
        let destination = target.pointee.planePointer(0)!
        let stride = target.pointee.planeStride(0)
        // Planes come as G, B, R, A; memory wants B, G, R, A.
        let order = format.sampling == .rgb ? [1, 0, 2, 3] : [0, 1]
        for (position, index) in order.enumerated() {
            let step = order.count
            guard index < frame.planes.count else {
                for y in 0..<frame.height {
                    for x in 0..<frame.width { destination[y * stride + x * step + position] = 255 }
                }
                continue
            }
            let plane = frame.planes[index]
            plane.withUnsafeBytes { source in
                for y in 0..<frame.height {
                    let from = (source + y * plane.bytesPerRow).assumingMemoryBound(to: UInt8.self)
                    let to = destination + y * stride + position
                    for x in 0..<frame.width { to[x * step] = from[x] }
                }
            }
        }
    }
}

extension AVFrame {
    /// First byte of a plane.
    mutating func planePointer(_ index: Int) -> UnsafeMutablePointer<UInt8>? {
        withTuple(&data) { (planes: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) in
            planes[index]
        }
    }

    /// Bytes between the rows of a plane.
    mutating func planeStride(_ index: Int) -> Int {
        withTuple(&linesize) { (strides: UnsafeMutablePointer<Int32>) in Int(strides[index]) }
    }
}

/// The elements of an array that C declared inside a struct.
@inline(__always)
func withTuple<Tuple, Element, Result>(
    _ tuple: inout Tuple, _ body: (UnsafeMutablePointer<Element>) throws -> Result
) rethrows -> Result {
    try withUnsafeMutableBytes(of: &tuple) {
        try body($0.baseAddress!.assumingMemoryBound(to: Element.self))
    }
}
